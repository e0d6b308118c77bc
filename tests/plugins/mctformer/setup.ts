/** MCTformer-V2 with a small vit on images of 32x32 pixels, as `train` of `seamstress/testing` takes it. */
export const TRAIN = {
  backbone: {
    use: "vit",
    patch: 8,
    channels: 16,
    depth: 4,
    heads: 2,
    imageSize: 32,
    dropPath: 0.2,
    classTokens: "classes",
    attention: true,
    tokens: [3],
  },
  head: { use: "mctformer", tokens: "blocks.3" },
  losses: [
    { use: "classification", output: "class_scores", as: "tokens" },
    { use: "classification", output: "patch_scores", as: "patches" },
  ],
  optimizer: { use: "adamw", lr: 0.01, weightDecay: 0.05 },
};

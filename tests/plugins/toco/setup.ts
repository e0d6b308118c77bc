/** ToCo with a small vit on images of 32x32 pixels, as `train` of `seamstress/testing` takes it. */
export const TRAIN = {
  backbone: {
    use: "vit",
    patch: 8,
    channels: 16,
    depth: 3,
    heads: 2,
    imageSize: 32,
    dropPath: 0.2,
    tokens: [1],
  },
  head: { use: "toco", auxiliary: "blocks.1", channels: 8, dilation: 1 },
  method: {
    use: "toco",
    scales: [1],
    dilations: [1, 2],
    iterations: 2,
    contrast: { crops: 2, side: 16, hidden: 12, bottleneck: 8, output: 10 },
  },
  losses: [
    { use: "classification", output: "class_scores", as: "scores" },
    { use: "classification", output: "aux_scores", as: "aux-scores" },
    { use: "ptc", weight: 0.2 },
    { use: "ctc", weight: 0.5 },
    { use: "cross-entropy", halves: true, as: "masks", weight: 0.1 },
    { use: "dense-energy", factor: 1e-4, gradient: "authors" },
  ],
  optimizer: { use: "adamw", lr: 0.01 },
};

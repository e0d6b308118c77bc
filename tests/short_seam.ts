/** The stage `seam` of a recipe: a SEAM training of 2 steps of 2 micro-batches, for tests of the stages behind it; without Workers that load, which take longer to start. */
export const SHORT_SEAM = `
  - id: seam
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 }
    method: { use: seam, view: { use: rescale, scale: 0.5 } }
    losses: [classification, er, ecr]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 4, micro: 2 }
    workers: 0
    epochs: 1
    transforms: [flip, normalize]
`.trim();

/** A method and a loss with state, as plugins of others. */
export const PROTOTYPE_MEMORY = new URL("./prototype_memory.ts", import.meta.url);

/**
 * A recipe of SEAM with contrast to remembered prototypes, 4 steps of 4 micro-batches; the contrast grows from nothing to 0.1.
 *
 * @param module where the recipe finds {@linkcode PROTOTYPE_MEMORY}, or a copy
 */
export const prototypeTraining = (module: string) => `
name: memory
backend: wasm
plugins: ["${module}"]
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: train
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: { use: with-tap, inner: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 } }
    method: { use: prototype-memory, inner: { use: seam, view: { use: rescale, scale: 0.5 } } }
    losses: [classification, ecr, { use: prototype-memory, weight: { use: warmup, steps: 3, times: 0.1 } }]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    clip: { norm: 5, match: ["method/projection.*", "fc8.*"] }
    batch: { size: 8, micro: 2 }
    epochs: 2
    checkpointEvery: 1
    transforms: [flip, normalize]
`;

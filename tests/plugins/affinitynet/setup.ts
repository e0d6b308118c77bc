import { madeCamsStage } from "../stages/made_cams.ts";

/** The images that are labelled. */
export const SPLIT = "train[0:4]";
/** The stage that makes up CAMs. */
export const plugins = [madeCamsStage];

/** A stage that refines the CAMs by a background of a power. */
export const refined = (id: string, power: number, options: Record<string, unknown> = {}) => ({
  id,
  run: "refine",
  from: "cams",
  refinements: [{ use: "power-background", power }],
  keepScores: true,
  store: "npy",
  ...options,
});
/** A stage that labels by the scores of two powers. */
export const labels = (options: Record<string, unknown> = {}) => ({
  id: "labels",
  run: "affinity-labels",
  low: "la",
  high: "ha",
  square: 4,
  ...options,
});
/** The stages that labels need. */
export const scored = (cams: Record<string, unknown> = {}) => [
  { id: "cams", run: "made-cams", split: SPLIT, ...cams },
  refined("la", 2),
  refined("ha", 12),
];

/** A network of stride 4 that learns from the labels. */
export const affinity = (options: Record<string, unknown> = {}) => ({
  id: "aff",
  run: "train",
  split: SPLIT,
  masks: "labels",
  backbone: "tiny",
  head: { use: "affinity", low: "t3", mid: "t4", deepChannels: 8 },
  method: "affinity",
  losses: ["affinity"],
  optimizer: { use: "sgd", lr: 0.01, momentum: 0, schedule: "constant" },
  batch: { size: 2 },
  epochs: 1,
  workers: 0,
  transforms: ["flip", "normalize"],
  ...options,
});

/**
 * IRN (Ahn, Cho & Kwak, CVPR 2019): class boundaries learned from confident pixels, and a random walk within them.
 *
 * @module
 */
import { boundaryWalkRefinement } from "./boundary_walk.ts";
import { hardLabelsRefinement } from "./hard_labels.ts";
import { irnHead } from "./head.ts";
import { irnLabelsStage } from "./irn_labels.ts";
import { displacementLoss } from "./loss.ts";
import { irnMethod } from "./method.ts";

/** Every plugin of IRN. */
export const irnPlugins = [
  irnHead,
  irnMethod,
  displacementLoss,
  hardLabelsRefinement,
  irnLabelsStage,
  boundaryWalkRefinement,
] as const;

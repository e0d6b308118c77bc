import * as z from "zod";
import { definePlugin, type Refinement } from "seamstress";
import { ChosenOptions, NetworkRefinement, orChosen } from "seamstress/wsss";
import { BOUNDARY_WALK, boundaryWalk } from "./boundary/boundary_walk.ts";
import { inferBoundaries } from "./head/infer.ts";
import { mapStride } from "./head/map_stride.ts";

/**
 * Random walk within the class boundaries that an IRN gives (Ahn, Cho & Kwak, CVPR 2019; author code jiwoon-ahn/irn,
 * `step/make_sem_seg_labels.py`). It comes before the background: its scores are divided by the largest of the image, and `threshold`
 * with alpha 0.25 follows.
 */
export const boundaryWalkRefinement = definePlugin({
  kind: "refinement",
  name: "boundary-walk",
  summary: "spreads the classes' scores within the class boundaries of a trained IRN",
  options: z.strictObject({
    from: z.string().min(1).describe("Earlier stage that trains a network with the head irn"),
    beta: orChosen(z.number().positive()).default(BOUNDARY_WALK.beta)
      .describe("Elementwise power of the affinities: a higher one keeps to weaker boundaries"),
    logt: orChosen(z.int().min(0).max(16)).default(BOUNDARY_WALK.logt)
      .describe("Log2 of the number of steps, the authors' exp_times: 8 for 256"),
    radius: orChosen(z.int().min(2).max(32)).default(BOUNDARY_WALK.radius)
      .describe("A step leads to pixels of the map that are nearer than it"),
  }),
  create: ({ from, ...options }): Refinement =>
    new NetworkRefinement({
      from,
      output: "boundary",
      what: "a walk within boundaries",
      needsBackground: false,
      numbers: new ChosenOptions("boundary-walk", options),
      infer: async (model, image) => ({
        boundaries: await inferBoundaries(model, image),
        stride: mapStride(model.backbone.taps),
      }),
      apply: ({ boundaries, stride }, scores, numbers) =>
        boundaryWalk(scores, boundaries, { ...numbers, stride }),
    }),
});

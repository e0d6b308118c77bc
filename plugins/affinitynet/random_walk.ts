import * as z from "zod";
import { definePlugin, type Refinement } from "seamstress";
import {
  ChosenOptions,
  classifierTap,
  imageBatch,
  NetworkRefinement,
  orChosen,
} from "seamstress/wsss";
import { inferAffinity } from "./head/infer.ts";
import { randomWalk, WALK_OPTIONS } from "./random_walk/walk.ts";

/**
 * Random walk along AffinityNet's affinities (Ahn & Kwak, CVPR 2018; the SEAM authors' `infer_aff.py`): spreads scores to pixels that
 * look alike. Works at the network's stride, 8 in the authors' code.
 */
export const randomWalkRefinement = definePlugin({
  kind: "refinement",
  name: "random-walk",
  summary: "spreads scores along the affinities of a trained AffinityNet",
  options: z.strictObject({
    from: z.string().min(1).describe("Earlier stage that trains a network with the head affinity"),
    beta: orChosen(z.number().positive()).default(WALK_OPTIONS.beta)
      .describe("Elementwise power of the affinities: a higher one keeps to closer likeness"),
    logt: orChosen(z.int().min(0).max(16)).default(WALK_OPTIONS.logt)
      .describe("Log2 of the number of steps: 6 for 64"),
  }),
  create: ({ from, beta, logt }): Refinement =>
    new NetworkRefinement({
      from,
      output: "affinity",
      what: "a random walk",
      needsBackground: true,
      numbers: new ChosenOptions("random-walk", { beta, logt }),
      async infer(model, image) {
        const input = imageBatch(image, [false], model.backbone.input);
        const affinity = await inferAffinity(model, input).finally(() => input.dispose());
        return { affinity, stride: classifierTap(model.backbone.taps).stride };
      },
      apply: ({ affinity, stride }, scores, numbers) =>
        randomWalk(scores, affinity, { ...numbers, stride }),
    }),
});

import * as z from "zod";
import { definePlugin, uint8Pixels } from "seamstress";
import { MOST, type Operation, OPERATIONS } from "./rand_augment/operations.ts";

const ALL: readonly Operation[] = Object.values(OPERATIONS);

/**
 * Transform `rand-augment` (Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", NeurIPS
 * 2020), as timm's `rand-m9-mstd0.5-inc1` does it, which DeiT's trainings have: operations are drawn with replacement, each is left out
 * with a probability, and has a strength of its own. What comes into the image from outside has the mean colour.
 */
export const randAugment = definePlugin({
  kind: "transform",
  name: "rand-augment",
  summary:
    "some of fifteen operations on colours and places, drawn at random, as timm's RandAugment",
  options: z.strictObject({
    magnitude: z.number().min(0).max(MOST).default(9).describe(
      "mean strength of an operation (timm: m)",
    ),
    deviation: z.number().min(0).default(0.5).describe(
      "standard deviation of the strength, which is kept within 0..10 (timm: mstd)",
    ),
    operations: z.int().min(1).default(2).describe("how many are drawn for a sample (timm: n)"),
    probability: z.number().min(0).max(1).default(0.5).describe(
      "with which each one that is drawn is done",
    ),
  }),
  create({ magnitude, deviation, operations, probability }, args) {
    const fill = args.normalization.mean.map((mean) => Math.min(255, Math.round(255 * mean)));
    return {
      apply(sample, rng) {
        uint8Pixels(sample.image, "rand-augment");
        let changed = sample;
        for (let i = 0; i < operations; i++) {
          const operation = ALL[rng.integer(ALL.length)]!;
          const level = magnitude + deviation * rng.normal();
          const strength = {
            part: Math.min(Math.max(level, 0), MOST) / MOST,
            sign: rng.float() < 0.5 ? -1 : 1,
            fill,
          } as const;
          if (rng.float() < probability) changed = operation(changed, strength);
        }
        return changed;
      },
    };
  },
});

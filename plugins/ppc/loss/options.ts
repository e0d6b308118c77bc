import * as z from "zod";

/** The three contrasts of the paper. */
export const CONTRASTS = ["cross-prototype", "cross-cam", "intra-view"] as const;

const fraction = z.number().min(0).max(1);
/** Options of the loss; what is not said otherwise is as in the author code. */
export const ppcLossOptions = z.strictObject({
  contrast: z.enum(["all", ...CONTRASTS]).default("all").describe(
    "pixels against prototypes of the other view (cross-prototype), by the other view's pseudo labels (cross-cam), within the view " +
      "(intra-view), or the sum of the three",
  ),
  temperature: z.number().min(0.02).default(0.1).describe("what similarities are divided by"),
  background: fraction.default(0.2).describe("score of the background in the pseudo labels"),
  share: fraction.positive().default(1 / 8).describe(
    "pixels that a prototype is made of, of the whole batch: so many of one image's",
  ),
  hardest: fraction.default(0.6).describe(
    "intra-view: part of prototypes, and of a class's pixels, that counts as hard",
  ),
  used: fraction.default(0.5).describe(
    "intra-view: part that is used, the least hard of the hard ones; at most hardest",
  ),
  prototypes: z.enum(["semi-hard", "all"]).default("semi-hard").describe(
    "intra-view: prototypes that a pixel is pushed from",
  ),
  pixels: z.enum(["random-and-hard", "hard", "all"]).default("random-and-hard").describe(
    "intra-view: pixels of a class that count",
  ),
}).refine(({ used, hardest }) => used <= hardest, {
  path: ["used"],
  error: "must be <= hardest, of which it is a part",
});
/** Checked {@linkcode ppcLossOptions}. */
export type PpcLossOptions = z.output<typeof ppcLossOptions>;

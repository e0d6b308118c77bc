import type { Threshold } from "../../../core/contracts/metric.ts";

/**
 * Says how a threshold was chosen.
 *
 * @param threshold any
 * @returns "fixed", "chosen on SPLIT (…)" or "oracle: best on this split"
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { howChosen } from "seamstress/wsss";
 * const on = { stage: "score-train", split: "train", images: 437, shared: 0 };
 * assertEquals(howChosen({ value: 0.26, how: "fixed" }), "fixed");
 * assertEquals(
 *   howChosen({ value: 0.44, how: "chosen", on }),
 *   "chosen on train (437 images, stage score-train)",
 * );
 * assertEquals(howChosen({ value: 0.44, how: "oracle" }), "oracle: best on this split");
 * ```
 */
export function howChosen({ how, on }: Threshold): string {
  if (how === "fixed") return "fixed";
  if (how === "oracle") return "oracle: best on this split";
  if (!on) return "chosen on another split";
  const { split, images, stage, shared } = on;
  const overlap = shared > 0 ? `, ${shared} of them scored here` : "";
  return `chosen on ${split} (${images} images, stage ${stage}${overlap})`;
}

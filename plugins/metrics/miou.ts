import * as z from "zod";
import type { Score, Table } from "../../core/contracts/metric.ts";
import { definePlugin } from "../../core/plugin.ts";
import { AlphaCounts } from "./miou/alpha_counts.ts";
import { type ClassCounts, intersectionOverUnion, mean } from "./miou/iou.ts";
import { MaskCounts } from "./miou/mask_counts.ts";

const fraction = z.number().min(0).max(1);

const options = z.strictObject({
  predictions: z.enum(["cams", "masks"]).default("cams")
    .describe("What is scored: CAMs, made pseudo labels at alpha, or predicted masks"),
  alpha: z.union([
    fraction,
    z.strictObject({
      sweep: z.tuple([fraction, fraction, z.number().positive()])
        .refine(([from, to]) => from <= to, "expected [from, to, step] with from <= to")
        .describe("First and last threshold, both included, and the step; the best counts"),
    }),
  ]).default(0.26).describe("CAM below which a pixel is background"),
});

/** Spells out the thresholds of a sweep as decimal numbers, so that 0.29 is 0.29 and not 0.29 + 4e-17. */
function sweepAlphas([from, to, step]: readonly [number, number, number]): number[] {
  const count = Math.max(Math.floor((to - from) / step + 1e-6), 0) + 1;
  return Array.from({ length: count }, (_, i) => Math.round((from + i * step) * 1e9) / 1e9);
}

/** Classes that the ground truth never shows: their IoU is 0 whatever is predicted. */
function absentNote(classes: readonly string[], truth: Float64Array): string {
  const absent = classes.filter((_, c) => truth[1 + c] === 0);
  return absent.length === 0
    ? ""
    : `; not in the ground truth, counted as 0 in the mean: ${absent.join(", ")}`;
}

const percentIou = (counts: ClassCounts) => intersectionOverUnion(counts).map((iou) => 100 * iou);

function tableOf(
  classes: readonly string[],
  counts: ClassCounts,
  how: string,
  extra: Pick<Table, "curves"> & { readonly summary?: Table["summary"] } = {},
): Table {
  const percent = percentIou(counts);
  const miou = mean(percent);
  return {
    title: "Intersection over union",
    columns: ["class", "IoU (%)"],
    rows: [
      ...["background", ...classes].map((name, c) => [name, percent[c]!]),
      ["mean", miou],
    ],
    summary: { miou, ...extra.summary },
    note: how + absentNote(classes, counts.truth),
    ...extra.curves && { curves: extra.curves },
  };
}

function scoreMasks(classes: readonly string[]): Score {
  const counts = new MaskCounts(classes.length);
  return {
    add({ name, mask, truth }) {
      if (!mask || !truth.mask) throw new TypeError(`Cannot score ${name}: it has no mask`);
      counts.add(name, mask, truth.mask);
    },
    table: () => tableOf(classes, counts, "masks as predicted"),
  };
}

function scoreCams(classes: readonly string[], alphas: readonly number[]): Score {
  const counts = new AlphaCounts(alphas, classes.length);
  return {
    add({ name, cams, truth }) {
      if (!cams || !truth.mask) throw new TypeError(`Cannot score ${name}: it has no CAMs or mask`);
      counts.add(name, cams, truth.mask);
    },
    table() {
      const curve = alphas.map((alpha, i): readonly [number, number] => [
        alpha,
        mean(percentIou(counts.at(i))),
      ]);
      // The first of equals, as an argmax gives it.
      const best = curve.reduce((best, [, miou], i) => miou > curve[best]![1] ? i : best, 0);
      const chosen = alphas.length > 1 ? "best on this split (oracle)" : "fixed";
      return tableOf(classes, counts.at(best), `alpha ${alphas[best]}, ${chosen}`, {
        summary: { alpha: alphas[best]! },
        ...alphas.length > 1 && { curves: { "mIoU (%) by alpha": curve } },
      });
    },
  };
}

/**
 * Mean intersection over union of pseudo labels or masks, as the SEAM authors' `evaluation.py` computes it: per class
 * TP / (GT + predicted − TP) over all pixels of all images whose truth is not 255, then the mean over background and classes.
 */
export const miouMetric = definePlugin({
  kind: "metric",
  name: "miou",
  summary: "intersection over union per class and their mean, at one threshold alpha or a sweep",
  options,
  create: ({ predictions, alpha }) => ({
    needs: [predictions === "cams" ? "cams" : "mask", "truth-mask"],
    start: (classes) =>
      predictions === "masks"
        ? scoreMasks(classes)
        : scoreCams(classes, typeof alpha === "number" ? [alpha] : sweepAlphas(alpha.sweep)),
  }),
});

import * as z from "zod";
import { definePlugin, type Score, type Table, type Threshold, userError } from "seamstress";
import { howChosen } from "seamstress/wsss";
import { AlphaCounts } from "./miou/alpha_counts.ts";
import { addCounts, type ClassCounts, intersectionOverUnion, mean } from "./miou/iou.ts";
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
    z.strictObject({
      from: z.string().min(1).describe("Earlier evaluation, of another split, whose alpha is used"),
    }),
  ]).default(0.26).describe("CAM below which a pixel is background"),
});

type Alpha = z.output<typeof options>["alpha"];

/** Spells out the thresholds of a sweep as decimal numbers, so that 0.29 is 0.29 and not 0.29 + 4e-17. */
function sweepAlphas([from, to, step]: readonly [number, number, number]): number[] {
  const count = Math.max(Math.floor((to - from) / step + 1e-6), 0) + 1;
  return Array.from({ length: count }, (_, i) => Math.round((from + i * step) * 1e9) / 1e9);
}

function absentNote(absent: readonly string[]): string {
  return absent.length === 0
    ? ""
    : `; not in the ground truth, counted as 0 in the mean: ${absent.join(", ")}`;
}

const percentIou = (counts: ClassCounts) => intersectionOverUnion(counts).map((iou) => 100 * iou);

function tableOf(
  classes: readonly string[],
  counts: ClassCounts,
  how: string,
  { summary, ...extra }: Partial<Pick<Table, "curves" | "summary" | "threshold">> = {},
): Table {
  if (counts.truth.every((pixels) => pixels === 0)) {
    throw userError(
      new RangeError("Cannot score: every pixel of the ground truth is 255, which is ignored"),
    );
  }
  const percent = percentIou(counts);
  const miou = mean(percent);
  const absent = classes.filter((_, c) => counts.truth[1 + c] === 0);
  return {
    title: "Intersection over union",
    columns: ["class", "IoU (%)"],
    rows: [
      ...["background", ...classes].map((name, c) => [name, percent[c]!]),
      ["mean", miou],
    ],
    summary: { miou, ...summary },
    note: how + absentNote(absent),
    ...absent.length > 0 && { absent },
    ...extra,
  };
}

/** Counts of ranks are whole numbers, whose sum is exact. */
function merging({ all }: MaskCounts | AlphaCounts): Pick<Score, "state" | "merge"> {
  return {
    state: () => all.map((counts) => [...counts]),
    // Given by `state`.
    merge: (state) => addCounts(all, state as readonly (readonly number[])[]),
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
    ...merging(counts),
  };
}

/** Thresholds to score, and how the one that counts was chosen. */
interface Alphas {
  readonly values: readonly number[];
  readonly chosen: Omit<Threshold, "value">;
}

function alphasOf(alpha: Alpha, earlier: Threshold | undefined): Alphas {
  if (typeof alpha === "number") return { values: [alpha], chosen: { how: "fixed" } };
  if ("sweep" in alpha) {
    const values = sweepAlphas(alpha.sweep);
    return { values, chosen: { how: values.length > 1 ? "oracle" : "fixed" } };
  }
  if (!earlier) throw new TypeError(`Cannot score CAMs: evaluation ${alpha.from} gave no alpha`);
  const { value, ...chosen } = earlier;
  return { values: [value], chosen };
}

function scoreCams(classes: readonly string[], { values, chosen }: Alphas): Score {
  const counts = new AlphaCounts(values, classes.length);
  return {
    add({ name, cams, truth }) {
      if (!cams || !truth.mask) throw new TypeError(`Cannot score ${name}: it has no CAMs or mask`);
      counts.add(name, cams, truth.mask);
    },
    table() {
      const curve = values.map((alpha, i): readonly [number, number] => [
        alpha,
        mean(percentIou(counts.at(i))),
      ]);
      // The first of equals, as an argmax gives it.
      const best = curve.reduce((best, [, miou], i) => miou > curve[best]![1] ? i : best, 0);
      const alpha = values[best]!;
      const swept = values.length > 1;
      const atEnd = swept && (best === 0 || best === values.length - 1);
      const how = `alpha ${alpha}, ${howChosen({ value: alpha, ...chosen })}` +
        (atEnd ? " (at the end of the sweep: a better one may lie beyond)" : "");
      return tableOf(classes, counts.at(best), how, {
        summary: { alpha },
        threshold: { value: alpha, ...chosen },
        ...swept && { curves: { "mIoU (%) by alpha": curve } },
      });
    },
    ...merging(counts),
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
  create: ({ predictions, alpha }) => {
    if (predictions === "masks") {
      return { needs: ["mask", "truth-mask"], merges: true, start: scoreMasks };
    }
    return {
      needs: ["cams", "truth-mask"],
      merges: true,
      givesThreshold: true,
      ...typeof alpha === "object" && "from" in alpha && { thresholdFrom: alpha.from },
      start: (classes, earlier) => scoreCams(classes, alphasOf(alpha, earlier)),
    };
  },
});

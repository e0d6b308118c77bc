import * as z from "zod";
import { definePlugin, type Score, userError } from "seamstress";
import { averagePrecision } from "./multilabel/average_precision.ts";

function start(classes: readonly string[]): Score {
  const samples: { readonly scores: Float32Array; readonly label: Float32Array }[] = [];
  return {
    add({ name, scores, truth }) {
      if (scores?.length !== classes.length) {
        throw new RangeError(
          `Cannot score ${name}: it has ${
            scores?.length ?? "no"
          } image-level scores, the data set has ${classes.length} classes`,
        );
      }
      const wrong = scores.findIndex((score) => !Number.isFinite(score));
      if (wrong >= 0) {
        throw new RangeError(
          `Cannot score ${name}: its score for ${classes[wrong]} is ${scores[wrong]}`,
        );
      }
      samples.push({ scores, label: truth.label });
    },
    state: () => samples.map(({ scores, label }) => [[...scores], [...label]]),
    merge(state) {
      // Given by `state`.
      for (const [scores, label] of state as [number[], number[]][]) {
        samples.push({ scores: Float32Array.from(scores), label: Float32Array.from(label) });
      }
    },
    table() {
      const perClass = classes.map((name, c) => {
        const labels = samples.map(({ label }) => label[c]! > 0);
        const precision = averagePrecision(samples.map(({ scores }) => scores[c]!), labels);
        return { name, precision, positives: labels.filter(Boolean).length };
      });
      const known = perClass.flatMap(({ precision }) => precision === undefined ? [] : [precision]);
      if (known.length === 0) {
        throw userError(
          new RangeError(
            `Cannot compute mAP: none of the ${samples.length} images has a label of ${
              classes.join(", ")
            }`,
          ),
        );
      }
      const map = 100 * known.reduce((sum, precision) => sum + precision, 0) / known.length;
      const absent = perClass.filter(({ positives }) => positives === 0).map(({ name }) => name);
      return {
        title: "Multi-label classification",
        columns: ["class", "AP (%)", "images"],
        rows: [
          ...perClass.map(({ name, precision, positives }) => [
            name,
            precision === undefined ? "–" : 100 * precision,
            positives,
          ]),
          ["mean", map, samples.length],
        ],
        summary: { map },
        note: "mAP from image-level scores, not interpolated" +
          (absent.length > 0 ? `; left out, in no image: ${absent.join(", ")}` : ""),
      };
    },
  };
}

/**
 * Mean average precision of image-level classification: whether the classifier behind the CAMs works at all. Average precision is
 * not interpolated, as scikit-learn's `average_precision_score`; a class that no image has is left out of the mean.
 */
export const multilabelMetric = definePlugin({
  kind: "metric",
  name: "multilabel",
  summary: "average precision per class and their mean, from image-level scores",
  options: z.strictObject({}),
  create: () => ({ needs: ["scores"], merges: true, start }),
});

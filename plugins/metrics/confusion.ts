import * as z from "zod";
import { definePlugin, type Metric, type Score, userError } from "seamstress";
import { checkPixels, IGNORED } from "./miou/ground_truth.ts";
import { mean } from "./miou/iou.ts";

/** How many pixels of each class (rows) were predicted as each (columns), background first. */
class Confusion {
  readonly counts: Float64Array;
  readonly #size: number;

  constructor(classes: number) {
    this.#size = 1 + classes;
    this.counts = new Float64Array(this.#size * this.#size);
  }

  add(name: string, predicted: Uint8Array, mask: Uint8Array): void {
    checkPixels(name, "the predicted mask", predicted.length, mask.length);
    for (let i = 0; i < mask.length; i++) {
      const label = mask[i]!, guess = predicted[i]!;
      if (label === IGNORED) continue;
      if (label >= this.#size || guess >= this.#size) {
        throw userError(
          new RangeError(
            `Cannot score ${name}: a pixel of class ${label} is predicted as ${guess}, the data set has 0 to ${
              this.#size - 1
            }`,
          ),
        );
      }
      this.counts[label * this.#size + guess]! += 1;
    }
  }

  /** Pixels that were predicted as a class, by their own class. */
  taken(guess: number): number[] {
    return Array.from({ length: this.#size }, (_, c) => this.counts[c * this.#size + guess]!);
  }

  /** Pixels of a class, by the class that was predicted. */
  given(label: number): number[] {
    return [...this.counts.subarray(label * this.#size, (label + 1) * this.#size)];
  }
}

/** Percent of a class among counts; nothing where there are none. */
function percent(counts: readonly number[], c: number): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return all === 0 ? undefined : 100 * counts[c]! / all;
}

/** The class that is most often confused with another, and in how many percent. */
function worst(counts: readonly number[], own: number, names: readonly string[]): string {
  const others = counts.map((count, c) => c === own ? 0 : count);
  const most = others.indexOf(Math.max(...others));
  return others[most] === 0 ? "–" : `${names[most]} ${percent(counts, most)!.toFixed(1)}`;
}

function start(classes: readonly string[]): Score {
  const confusion = new Confusion(classes.length);
  const names = ["background", ...classes];
  return {
    add({ name, mask, truth }) {
      if (!mask || !truth.mask) throw new TypeError(`Cannot score ${name}: it has no mask`);
      confusion.add(name, mask, truth.mask);
    },
    state: () => [...confusion.counts],
    merge(state) {
      // Given by `state`.
      for (const [i, count] of (state as readonly number[]).entries()) {
        confusion.counts[i]! += count;
      }
    },
    table() {
      const found = names.map((_, c) => ({
        precision: percent(confusion.taken(c), c),
        recall: percent(confusion.given(c), c),
      }));
      const precision = mean(found.map(({ precision = 0 }) => precision));
      const recall = mean(found.map(({ recall = 0 }) => recall));
      return {
        title: "Confusion of classes",
        columns: ["class", "precision (%)", "recall (%)", "wrongly holds (%)", "missed as (%)"],
        rows: [
          ...names.map((name, c) => [
            name,
            found[c]!.precision ?? "–",
            found[c]!.recall ?? "–",
            worst(confusion.taken(c), c, names),
            worst(confusion.given(c), c, names),
          ]),
          ["mean", precision, recall, "–", "–"],
        ],
        summary: { precision, recall },
        note:
          "precision and recall of pixels; a class that is never predicted, or never there, counts as 0 in the means",
      };
    },
  };
}

/**
 * Precision and recall of every class's pixels, and what it is confused with most: which other class its predicted pixels are of, and as
 * which its own are predicted.
 */
export const confusionMetric = definePlugin({
  kind: "metric",
  name: "confusion",
  summary: "precision and recall of predicted masks per class, and what each is confused with",
  options: z.strictObject({}),
  create: (): Metric => ({ needs: ["mask", "truth-mask"], merges: true, start }),
});

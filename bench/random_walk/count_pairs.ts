import { fittingRadius, pixelPairs } from "seamstress/wsss";
import type { MapClasses } from "./map_classes.ts";

/** What two masks say of a pair: both background, both of one class, two classes, or nothing, where one of the pixels is 255. */
export const KINDS = ["background", "foreground", "negative", "ignored"] as const;

/** Of what kind a pair is. */
export type Kind = typeof KINDS[number];

/** How many pairs the labels take for which kind (the outer key), and of which kind they truly are (the inner). */
export type PairCounts = Readonly<Record<Kind, Record<Kind, number>>>;

/** @returns counts of no pairs yet */
export function noPairs(): PairCounts {
  const none = (): Record<Kind, number> => ({
    background: 0,
    foreground: 0,
    negative: 0,
    ignored: 0,
  });
  return { background: none(), foreground: none(), negative: none(), ignored: none() };
}

function kindOf(a: number, b: number): Kind {
  if (a === 255 || b === 255) return "ignored";
  if (a !== b) return "negative";
  return a === 0 ? "background" : "foreground";
}

/**
 * Counts the pairs of an image.
 *
 * @param counts are added to
 * @param labels what AffinityNet learns from
 * @param truth of the same map
 */
export function countPairs(counts: PairCounts, labels: MapClasses, truth: MapClasses): void {
  const { rows, columns } = labels;
  const { from, to } = pixelPairs(rows, columns, fittingRadius(rows, columns));
  for (const [pair, second] of to.entries()) {
    const first = from[pair % from.length]!;
    const learned = kindOf(labels.data[first]!, labels.data[second]!);
    counts[learned][kindOf(truth.data[first]!, truth.data[second]!)]++;
  }
}

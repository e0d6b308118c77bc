import { Rng } from "seamstress";

/** An image to split by. */
export interface Labelled {
  readonly name: string;
  /** `[C]` in {0,1}. */
  readonly label: ArrayLike<number>;
}

/** Which images are held out. */
export interface SplitChoice {
  /** Share of images for `val`, 0 < share < 1. */
  readonly share: number;
  /** Seed of the order. */
  readonly seed: number;
  /** Whether each class has the same share, as far as images of several classes allow. */
  readonly stratify: boolean;
}

/** How many more images a list should get: altogether, and by class. */
interface Want {
  total: number;
  readonly ofClass: Float64Array;
}

/** Classes of each image; an image of none counts as one of a class of its own, the last. */
function classesOf(images: readonly Labelled[], count: number): readonly (readonly number[])[] {
  return images.map(({ label }) => {
    const present = Array.from({ length: count }, (_, c) => c).filter((c) => label[c] === 1);
    return present.length > 0 ? present : [count];
  });
}

/**
 * Iterative stratification (Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011): the images of the
 * rarest class first, each to the list that lacks most of that class, then to the one that lacks most images.
 */
function stratified(
  images: readonly Labelled[],
  order: readonly number[],
  share: number,
): ReadonlySet<number> {
  const count = images[0]!.label.length;
  const classes = classesOf(images, count);
  const left = new Float64Array(count + 1);
  for (const present of classes) for (const c of present) left[c]! += 1;
  const want = (part: number): Want => ({
    total: part * images.length,
    ofClass: left.map((n) => n * part),
  });
  const train = want(1 - share), val = want(share);
  const held = new Set<number>(), done = new Set<number>();
  for (;;) {
    let rarest = -1;
    left.forEach((n, c) => {
      if (n > 0 && (rarest < 0 || n < left[rarest]!)) rarest = c;
    });
    if (rarest < 0) return held;
    for (const i of order) {
      const present = classes[i]!;
      if (done.has(i) || !present.includes(rarest)) continue;
      const lacking = val.ofClass[rarest]! - train.ofClass[rarest]! || val.total - train.total;
      const list = lacking > 0 ? val : train;
      if (list === val) held.add(i);
      done.add(i);
      list.total -= 1;
      for (const c of present) {
        list.ofClass[c]! -= 1;
        left[c]! -= 1;
      }
    }
  }
}

/**
 * Divides images into two lists. The same images, seed and share give the same lists, on any machine.
 *
 * @param images in any order; names differ
 * @param choice what goes where
 * @returns names for training and for validation, each sorted
 * @throws {RangeError} where a list would be empty
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseSplit } from "./choose_split.ts";
 * const images = ["a", "b", "c", "d"].map((name) => ({ name, label: [name < "c" ? 1 : 0] }));
 * const { train, val } = chooseSplit(images, { share: 0.5, seed: 0, stratify: true });
 * assertEquals([train.length, val.filter((name) => name < "c").length], [2, 1]);
 * ```
 */
export function chooseSplit(
  images: readonly Labelled[],
  { share, seed, stratify }: SplitChoice,
): { readonly train: readonly string[]; readonly val: readonly string[] } {
  const sorted = [...images].sort((a, b) => a.name < b.name ? -1 : 1);
  const order = Rng.of(seed, "data split").permutation(sorted.length);
  const size = Math.round(share * sorted.length);
  const held = sorted.length > 0 && stratify
    ? stratified(sorted, [...order], share)
    : new Set([...order].slice(0, size));
  if (held.size === 0 || held.size === sorted.length) {
    throw new RangeError(
      `${held.size} of ${sorted.length} images would be held out, which leaves a list empty`,
    );
  }
  const names = (isHeld: boolean) =>
    sorted.flatMap(({ name }, i) => held.has(i) === isHeld ? [name] : []);
  return { train: names(false), val: names(true) };
}

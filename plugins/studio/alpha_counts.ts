/** Thresholds that the slider offers: 0, 0.01, … 1. */
export const ALPHAS: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100);

/** Class maps of an image, by foreground class index from 0, each `[pixels]`. */
export type ClassMaps = ReadonlyMap<number, Float32Array>;

/** Pixels without truth. */
const IGNORED = 255;

/** Rounded as CAMs are: 0.4 in float32 does not exceed 0.4. */
const ROUNDED = Float32Array.from(ALPHAS);

/** How many of {@linkcode ALPHAS} a value exceeds. */
function exceeded(value: number): number {
  let count = Math.min(Math.max(Math.ceil(value * 100), 0), ALPHAS.length);
  while (count > 0 && !(value > ROUNDED[count - 1]!)) count--;
  while (count < ALPHAS.length && value > ROUNDED[count]!) count++;
  return count;
}

/**
 * Counts pixels by true class, by the strongest class of the CAMs, and by how many thresholds that one exceeds: from these follow
 * the confusion matrix, and so every score, at any of {@linkcode ALPHAS}. A pixel is of its strongest class where this exceeds alpha,
 * of the lowest index among equals; else background.
 */
export class AlphaCounts {
  /** Numbers by `truth * (classes + 1) + strongest`, each `[ALPHAS.length + 1]`; strongest 0 where no class has a map, or for masks. */
  readonly #cells = new Map<number, Float64Array>();

  /** @param classes number of foreground classes */
  constructor(readonly classes: number) {}

  #count(truth: number, strongest: number, bin: number): void {
    const key = truth * (this.classes + 1) + strongest;
    let cell = this.#cells.get(key);
    if (!cell) this.#cells.set(key, cell = new Float64Array(ALPHAS.length + 1));
    cell[bin]!++;
  }

  /**
   * Counts one image's CAMs.
   *
   * @param maps its class maps
   * @param truth `[pixels]`, 0 background, 255 without truth
   */
  addCams(maps: ClassMaps, truth: Uint8Array): void {
    const ordered = [...maps].toSorted(([a], [b]) => a - b);
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] === IGNORED) continue;
      let strongest = 0, value = -Infinity;
      for (const [c, map] of ordered) {
        if (map[i]! > value) [strongest, value] = [c + 1, map[i]!];
      }
      this.#count(truth[i]!, strongest, strongest === 0 ? 0 : exceeded(value));
    }
  }

  /**
   * Counts one image's mask, which no threshold changes; pixels where it says nothing (255) count as background.
   *
   * @param mask `[pixels]`
   * @param truth `[pixels]`
   */
  addMask(mask: Uint8Array, truth: Uint8Array): void {
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] === IGNORED) continue;
      const label = mask[i]! === IGNORED ? 0 : mask[i]!;
      this.#count(truth[i]!, label, label === 0 ? 0 : ALPHAS.length);
    }
  }

  /**
   * Adds what another counted.
   *
   * @param other of the same classes
   */
  add(other: AlphaCounts): void {
    for (const [key, counts] of other.#cells) {
      const cell = this.#cells.get(key);
      if (!cell) this.#cells.set(key, counts.slice());
      else counts.forEach((count, i) => cell[i]! += count);
    }
  }

  /**
   * The confusion matrix at a threshold.
   *
   * @param index of the threshold among {@linkcode ALPHAS}
   * @returns pixels by true class (rows) and predicted class, `[classes+1][classes+1]`
   */
  confusion(index: number): readonly Float64Array[] {
    const size = this.classes + 1;
    const matrix = Array.from({ length: size }, () => new Float64Array(size));
    for (const [key, counts] of this.#cells) {
      const row = matrix[Math.floor(key / size)]!;
      counts.forEach((count, bin) => row[bin > index ? key % size : 0]! += count);
    }
    return matrix;
  }

  /** @returns `[truth, strongest, counts by bin]`, those that are not zero */
  cells(): readonly (readonly [number, number, readonly number[]])[] {
    const size = this.classes + 1;
    return [...this.#cells].map(([key, counts]) =>
      [Math.floor(key / size), key % size, [...counts]] as const
    );
  }
}

/**
 * Intersection over union of every class.
 *
 * @param confusion pixels by true and predicted class
 * @returns fractions by class, background first; `NaN` where neither truth nor prediction show it
 */
export function classIou(confusion: readonly Float64Array[]): readonly number[] {
  return confusion.map((row, c) => {
    const truth = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[c]!, 0);
    return row[c]! / (truth + predicted - row[c]!);
  });
}

/**
 * Mean intersection over union of one image, over the classes that its truth or its prediction shows.
 *
 * @param confusion pixels by true and predicted class
 * @returns percent; `undefined` where no pixel has truth
 */
export function imageIou(confusion: readonly Float64Array[]): number | undefined {
  const shown = classIou(confusion).filter((iou) => !Number.isNaN(iou));
  if (shown.length === 0) return undefined;
  return 100 * shown.reduce((sum, iou) => sum + iou, 0) / shown.length;
}

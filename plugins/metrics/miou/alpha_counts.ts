import { checkPixels, countTruth, IGNORED } from "./ground_truth.ts";
import type { ClassCounts } from "./iou.ts";

/**
 * Scores CAMs at many thresholds in one pass over the pixels.
 *
 * The pseudo label of a pixel at a threshold alpha is the argmax over [alpha, CAMs of the image's classes], ties to the first, as
 * the SEAM authors take it with numpy in float32: the strongest class (of equals the one of the lowest index) where its CAM
 * exceeds alpha rounded to float32, background elsewhere. So one number decides a pixel at every threshold: how many of the
 * thresholds lie below its strongest CAM. Pixels are counted by class and that number; the counts of one threshold are sums.
 */
export class AlphaCounts {
  /** Thresholds rounded to float32, ascending. */
  readonly #alphas: Float32Array;
  readonly #classes: number;
  readonly #truth: Float64Array;
  /** `[C, alphas + 1]`: pixels with truth by strongest class and number of thresholds below. */
  readonly #strongest: Float64Array;
  /** The same, of pixels whose truth is that class. */
  readonly #right: Float64Array;
  /** `[alphas + 1]`: pixels whose truth is background. */
  readonly #background: Float64Array;

  /**
   * @param alphas thresholds, ascending, >= 0
   * @param classes foreground classes C
   */
  constructor(alphas: readonly number[], classes: number) {
    this.#alphas = Float32Array.from(alphas);
    this.#classes = classes;
    this.#truth = new Float64Array(1 + classes);
    const bins = alphas.length + 1;
    this.#strongest = new Float64Array(classes * bins);
    this.#right = new Float64Array(classes * bins);
    this.#background = new Float64Array(bins);
  }

  /** All counts, to which what another counted may be added. */
  get all(): readonly Float64Array[] {
    return [this.#truth, this.#strongest, this.#right, this.#background];
  }

  /**
   * Counts one image.
   *
   * @param name the sample's name, for messages
   * @param cams CAMs of its classes by class index from 0, each `[height*width]`
   * @param mask its ground truth `[height*width]`, 255 ignored
   * @throws {RangeError} where sizes differ or the mask holds an unknown class
   */
  add(name: string, cams: ReadonlyMap<number, Float32Array>, mask: Uint8Array): void {
    countTruth(this.#truth, mask, name);
    const byClass = [...cams].toSorted(([a], [b]) => a - b);
    for (const [c, cam] of byClass) {
      checkPixels(name, `the CAM of class ${c}`, cam.length, mask.length);
    }
    const [first, ...others] = byClass;
    if (first === undefined) {
      for (const label of mask) if (label === 0) this.#background[0]! += 1;
      return;
    }
    const strength = first[1].slice();
    const winner = new Uint8Array(mask.length).fill(first[0]);
    for (const [c, cam] of others) {
      for (let i = 0; i < cam.length; i++) {
        if (cam[i]! > strength[i]!) {
          strength[i] = cam[i]!;
          winner[i] = c;
        }
      }
    }
    this.#count(strength, winner, mask);
  }

  /**
   * The counts of one threshold.
   *
   * @param index of the threshold
   * @returns pixels of each class, background first
   */
  at(index: number): ClassCounts {
    const bins = this.#background.length;
    const right = new Float64Array(1 + this.#classes);
    const predicted = new Float64Array(1 + this.#classes);
    for (let bin = 0; bin < bins; bin++) {
      const above = bin > index;
      if (!above) right[0]! += this.#background[bin]!;
      for (let c = 0; c < this.#classes; c++) {
        predicted[above ? 1 + c : 0]! += this.#strongest[c * bins + bin]!;
        if (above) right[1 + c]! += this.#right[c * bins + bin]!;
      }
    }
    // Pixels of images without any class were never strongest in one.
    const pixels = this.#truth.reduce((sum, count) => sum + count, 0);
    const counted = predicted.reduce((sum, count) => sum + count, 0);
    predicted[0]! += pixels - counted;
    return { right, predicted, truth: this.#truth };
  }

  #count(strength: Float32Array, winner: Uint8Array, mask: Uint8Array): void {
    const alphas = this.#alphas;
    const last = alphas.length;
    const lowest = alphas[0]!;
    const perUnit = last > 1 ? (last - 1) / (alphas[last - 1]! - lowest) : 0;
    for (let i = 0; i < mask.length; i++) {
      const label = mask[i]!;
      if (label === IGNORED) continue;
      const value = strength[i]!;
      // Thresholds are evenly spaced up to rounding: guess how many lie below, then look.
      let bin = Math.min(Math.max(((value - lowest) * perUnit) | 0, 0), last);
      while (bin < last && alphas[bin]! < value) bin++;
      while (bin > 0 && alphas[bin - 1]! >= value) bin--;
      const at = winner[i]! * (last + 1) + bin;
      this.#strongest[at]! += 1;
      if (label === winner[i]! + 1) this.#right[at]! += 1;
      else if (label === 0) this.#background[bin]! += 1;
    }
  }
}

import { userError } from "seamstress";
import { checkPixels, countTruth, IGNORED } from "./ground_truth.ts";
import type { ClassCounts } from "./iou.ts";

/** Counts predicted masks against the ground truth. */
export class MaskCounts implements ClassCounts {
  readonly right: Float64Array;
  readonly predicted: Float64Array;
  readonly truth: Float64Array;

  /** @param classes foreground classes C */
  constructor(classes: number) {
    this.right = new Float64Array(1 + classes);
    this.predicted = new Float64Array(1 + classes);
    this.truth = new Float64Array(1 + classes);
  }

  /** All counts, to which what another counted may be added. */
  get all(): readonly Float64Array[] {
    return [this.right, this.predicted, this.truth];
  }

  /**
   * Counts one image.
   *
   * @param name the sample's name, for messages
   * @param predicted class of every pixel
   * @param mask its ground truth, 255 ignored
   * @throws {RangeError} where sizes differ or either holds an unknown class
   */
  add(name: string, predicted: Uint8Array, mask: Uint8Array): void {
    checkPixels(name, "the predicted mask", predicted.length, mask.length);
    countTruth(this.truth, mask, name);
    for (let i = 0; i < mask.length; i++) {
      const label = mask[i]!;
      if (label === IGNORED) continue;
      const guess = predicted[i]!;
      if (guess >= this.predicted.length) {
        throw userError(
          new RangeError(
            `Cannot score ${name}: the predicted mask holds class ${guess}, the data set has 0 to ${
              this.predicted.length - 1
            }`,
          ),
        );
      }
      this.predicted[guess]! += 1;
      if (guess === label) this.right[label]! += 1;
    }
  }
}

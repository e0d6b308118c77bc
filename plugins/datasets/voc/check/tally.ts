import { type ClassMap, IGNORED } from "../classes.ts";
import type { SampleCheck } from "./sample.ts";

/** How often a class occurs. */
export interface ClassCheck {
  readonly name: string;
  /** Number of mask pixels of this class. */
  readonly pixels: number;
  /** Number of images whose mask contains the class. */
  readonly masks: number;
  /** Number of images that are labelled with the class. */
  readonly labels: number;
}

/** Mask pixels that belong to no counted class. */
export interface OtherPixels {
  readonly background: number;
  /** Pixels of classes in the data's vocabulary that are not counted. */
  readonly others: number;
  /** Pixels with the ignore value. */
  readonly ignored: number;
}

/** Counts sizes and classes over samples. */
export class Tally {
  readonly #names: readonly string[];
  /** Class index of the experiment → mask value in the data. */
  readonly #values: readonly number[];
  readonly #others: readonly number[];
  readonly #pixels = new Float64Array(256);
  readonly #shown: Float64Array;
  readonly #labelled: Float64Array;
  #shortest = Infinity;
  #longest = 0;
  /** Samples with label and mask. */
  compared = 0;
  /** Those of them whose mask and label disagree on the classes. */
  different = 0;

  /** @param classes the counted classes, and the meaning of mask values */
  constructor({ classes, vocabulary }: ClassMap) {
    this.#names = classes;
    this.#values = classes.map((name) => vocabulary.indexOf(name) + 1);
    this.#others = vocabulary.flatMap((name, i) => classes.includes(name) ? [] : [i + 1]);
    this.#shown = new Float64Array(classes.length);
    this.#labelled = new Float64Array(classes.length);
  }

  /**
   * Counts one sample.
   *
   * @param check contents of its files
   * @param label `[C]` in {0,1}, where it has one
   */
  add({ size, histogram }: SampleCheck, label: Float32Array | undefined): void {
    if (size) {
      this.#shortest = Math.min(this.#shortest, size.width, size.height);
      this.#longest = Math.max(this.#longest, size.width, size.height);
    }
    label?.forEach((given, c) => this.#labelled[c]! += given);
    if (!histogram) return;
    histogram.forEach((count, value) => this.#pixels[value]! += count);
    const seen = this.#shown.map((_, c) => histogram[this.#values[c]!]! > 0 ? 1 : 0);
    seen.forEach((once, c) => this.#shown[c]! += once);
    if (!label) return;
    this.compared++;
    if (seen.some((once, c) => once !== label[c])) this.different++;
  }

  /** Shortest and longest side of any image; none where no image could be read. */
  get sides(): readonly [number, number] | undefined {
    return this.#longest > 0 ? [this.#shortest, this.#longest] : undefined;
  }

  /** Mask pixels that belong to no counted class. */
  get pixels(): OtherPixels {
    return {
      background: this.#pixels[0]!,
      others: this.#others.reduce((sum, value) => sum + this.#pixels[value]!, 0),
      ignored: this.#pixels[IGNORED]!,
    };
  }

  /** Every class, in order. */
  get classes(): readonly ClassCheck[] {
    return this.#names.map((name, c) => ({
      name,
      pixels: this.#pixels[this.#values[c]!]!,
      masks: this.#shown[c]!,
      labels: this.#labelled[c]!,
    }));
  }
}

import { didYouMean, show, userError } from "seamstress";

/**
 * The 20 classes of PASCAL VOC 2012; the position in this list gives the mask index, counted from 1, and the column of
 * `cls_labels.npy`, from 0.
 */
export const VOC_CLASSES: readonly string[] = [
  "aeroplane",
  "bicycle",
  "bird",
  "boat",
  "bottle",
  "bus",
  "car",
  "cat",
  "chair",
  "cow",
  "diningtable",
  "dog",
  "horse",
  "motorbike",
  "person",
  "pottedplant",
  "sheep",
  "sofa",
  "train",
  "tvmonitor",
];

/** The mask value of pixels to ignore (object borders). */
export const IGNORED = 255;

/** Maps the classes of the data to those of the experiment. */
export class ClassMap {
  /** Data's class index from 0 → experiment's class index from 0, or -1 for a class left out. */
  readonly #selected: readonly number[];
  /** Mask value in the data → mask value of the experiment, or -1 for an invalid value. */
  readonly #masks = new Int16Array(256).fill(-1);

  /**
   * @param classes the experiment's foreground classes, in order
   * @param vocabulary the classes of the data, in the order of its mask indices and label columns
   * @param others what pixels of unselected classes become
   * @param implied whether the vocabulary was derived from the class names instead of stated
   * @throws {RangeError} where a class is repeated or not in the vocabulary
   */
  constructor(
    readonly classes: readonly string[],
    readonly vocabulary: readonly string[],
    others: "background" | "ignore",
    readonly implied = false,
  ) {
    for (const [option, names] of Object.entries({ classes, vocabulary })) {
      const twice = names.find((name, i) => names.indexOf(name) !== i);
      if (twice !== undefined) {
        throw userError(new RangeError(`Cannot use ${option}: "${twice}" is there twice`));
      }
    }
    const unknown = classes.find((name) => !vocabulary.includes(name));
    if (unknown !== undefined) {
      throw userError(
        new RangeError(
          `Cannot use class "${unknown}"${didYouMean(unknown, vocabulary)}: ` +
            `the data's classes are ${vocabulary.join(", ")}`,
        ),
      );
    }
    this.#selected = vocabulary.map((name) => classes.indexOf(name));
    this.#masks[0] = 0;
    this.#masks[IGNORED] = IGNORED;
    for (const [i, to] of this.#selected.entries()) {
      this.#masks[i + 1] = to >= 0 ? to + 1 : others === "ignore" ? IGNORED : 0;
    }
  }

  /**
   * Decides what mask values and label columns mean, for recipes and for `data check` and `data labels` alike: the
   * stated vocabulary; else VOC's indices where all class names are VOC's; else the order of the classes, from 1.
   *
   * @param classes the experiment's foreground classes, in order
   * @param vocabulary as stated: class names, or `voc` for VOC's twenty
   * @param others what pixels of unselected classes become
   * @returns the map
   * @throws {RangeError} where classes and vocabulary do not fit
   */
  static of(
    classes: readonly string[],
    vocabulary?: readonly string[] | "voc",
    others: "background" | "ignore" = "background",
  ): ClassMap {
    if (vocabulary === undefined) {
      return new ClassMap(classes, defaultVocabulary(classes), others, true);
    }
    return new ClassMap(classes, vocabulary === "voc" ? VOC_CLASSES : vocabulary, others);
  }

  /** Whether the data's mask indices are VOC's. */
  get areVoc(): boolean {
    return this.vocabulary.join() === VOC_CLASSES.join();
  }

  /**
   * @param values mask values as the data has them
   * @param from the mask's path, for messages
   * @returns values of the experiment's classes, a new array
   * @throws {RangeError} naming a value that stands for no class
   */
  mask(values: Uint8Array, from: string): Uint8Array {
    const out = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const to = this.#masks[values[i]!]!;
      if (to < 0) throw this.#unknown(values[i]!, from);
      out[i] = to;
    }
    return out;
  }

  /**
   * Throws if a mask contains a value that stands for no class.
   *
   * @param held `[256]`, more than 0 for each value that occurs in the mask
   * @param from the mask's path, for messages
   * @throws {RangeError} naming the value
   */
  refuseUnknown(held: Uint8Array, from: string): void {
    const unknown = held.findIndex((there, value) => there > 0 && this.#masks[value]! < 0);
    if (unknown >= 0) throw this.#unknown(unknown, from);
  }

  #unknown(value: number, from: string): RangeError {
    return userError(
      new RangeError(
        `Cannot use mask ${from}: found class ${value}, expected 0 to ` +
          `${this.vocabulary.length} (${this.vocabulary.join(", ")}) or 255`,
      ),
    );
  }

  /**
   * @param held `[256]`, more than 0 for each value that occurs in a mask
   * @returns `[C]` in {0,1} by class of the experiment
   */
  labelOfMask(held: Uint8Array): Float32Array {
    return this.label(this.vocabulary.map((_, i) => held[i + 1]! > 0));
  }

  /**
   * @param present by class of the data, whether it occurs in the image
   * @returns `[C]` in {0,1} by class of the experiment
   */
  label(present: ArrayLike<number | boolean>): Float32Array {
    const label = new Float32Array(this.classes.length);
    for (const [i, to] of this.#selected.entries()) if (to >= 0 && present[i]) label[to] = 1;
    return label;
  }

  /**
   * @param names class names of an image
   * @param from the file that names them, for messages
   * @returns `[C]` in {0,1} by class of the experiment
   * @throws {RangeError} naming a class that is not in the vocabulary
   */
  labelOfNames(names: Iterable<string>, from: string): Float32Array {
    const present = new Uint8Array(this.vocabulary.length);
    for (const name of names) {
      const index = this.vocabulary.indexOf(name);
      if (index < 0) {
        throw userError(
          new RangeError(
            `Cannot read labels from ${from}: unknown class ${show(name)}` +
              `${didYouMean(name, this.vocabulary)}; known: ${this.vocabulary.join(", ")}`,
          ),
        );
      }
      present[index] = 1;
    }
    return this.label(present);
  }
}

/**
 * Chooses the vocabulary where the recipe does not state it: VOC's classes where the experiment's are a selection of them, else
 * the experiment's own.
 *
 * @param classes the experiment's foreground classes
 * @returns the vocabulary
 * @throws {RangeError} where some classes are VOC's and some are not, which is probably a typing error
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultVocabulary } from "./classes.ts";
 * assertEquals(defaultVocabulary(["cat", "dog"]).length, 20);
 * assertEquals(defaultVocabulary(["tumour"]), ["tumour"]);
 * ```
 */
export function defaultVocabulary(classes: readonly string[]): readonly string[] {
  const foreign = classes.filter((name) => !VOC_CLASSES.includes(name));
  if (foreign.length === 0) return VOC_CLASSES;
  if (foreign.length === classes.length) return classes;
  throw userError(
    new RangeError(
      `Cannot use class "${foreign[0]}"${
        didYouMean(foreign[0]!, VOC_CLASSES)
      }: other classes are ` +
        `VOC's (${VOC_CLASSES.join(", ")}); for data of your own, list its classes in vocabulary`,
    ),
  );
}

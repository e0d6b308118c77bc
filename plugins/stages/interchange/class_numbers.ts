import { userError } from "seamstress";

/** Classes that a message lists. */
const LISTED = 6;

/** One image: which class numbers its file has maps of, and which classes the image has. */
export interface NumberedImage {
  readonly path: string;
  /** In the file's numbers. */
  readonly numbers: readonly number[];
  /** Image labels, `[C]` in {0,1}. */
  readonly label: Float32Array;
}

/** How files' classes compare with the labels of their images. */
export class ClassNumbers {
  /** Images with classes, whose files have maps. */
  #compared = 0;
  /** Files with maps of exactly the image's classes, as the numbers are meant and with every number one less. */
  #exact = 0;
  #shifted = 0;
  /** Files of those that fit only with one less which have a map of number 0. */
  #shiftedWithZero = 0;
  /** Files with maps of none of the image's classes. */
  #strange = 0;
  #firstShifted: NumberedImage | undefined;
  #firstStrange: NumberedImage | undefined;

  /**
   * @param folder of the files, for messages
   * @param classes the data set's foreground classes
   * @param indices by number in the files, class index from 0 in the data set, or -1
   */
  constructor(
    private readonly folder: string,
    private readonly classes: readonly string[],
    private readonly indices: readonly number[],
  ) {}

  /** @param image to be counted */
  add(image: NumberedImage): void {
    const wanted = new Set([...image.label.keys()].filter((c) => image.label[c]! > 0));
    if (wanted.size === 0 || image.numbers.length === 0) return;
    this.#compared++;
    const meant = this.#classesOf(image.numbers);
    const isExact = same(meant, wanted);
    if (isExact) this.#exact++;
    if (meant.isDisjointFrom(wanted)) {
      this.#strange++;
      this.#firstStrange ??= image;
    }
    if (isExact || !same(this.#classesOf(image.numbers.map((number) => number - 1)), wanted)) {
      return;
    }
    this.#shifted++;
    if (image.numbers.includes(0)) this.#shiftedWithZero++;
    this.#firstShifted ??= image;
  }

  /**
   * Refuses numbers that are counted otherwise, or that mean other classes. Files of a few images may differ from their labels: a
   * classifier may have chosen their classes.
   *
   * @returns a remark about files that are strange but too few to be refused
   * @throws {RangeError} saying which convention the files follow, and what to do
   */
  conclude(): string | undefined {
    const all = this.#compared;
    if (this.#firstShifted && this.#shifted > this.#exact && 2 * this.#shifted >= all) {
      throw this.#refusal(
        `${this.#shifted} of ${all} fit the image labels only with every class number one less: ${
          this.#shiftedWithZero === this.#shifted ? this.#crf() : this.#fromOne()
        }`,
        this.#firstShifted,
      );
    }
    if (!this.#firstStrange) return undefined;
    const none = `${this.#strange} of ${all} have maps of none of the classes that the labels of ` +
      "their images name";
    if (2 * this.#strange > all) {
      throw this.#refusal(
        `${none}; option classes gives the names of the files' class numbers, from 0`,
        this.#firstStrange,
      );
    }
    return `CAMs in ${this.folder}: ${none}: ${this.#example(this.#firstStrange)}`;
  }

  #classesOf(numbers: readonly number[]): ReadonlySet<number> {
    return new Set(numbers.map((number) => this.indices[number] ?? -1).filter((c) => c >= 0));
  }

  #crf(): string {
    return "number 0 is the background, as in what infer_SEAM.py writes for --out_crf; give the folder that it wrote for --out_cam, " +
      "or, to take these scores as CAMs all the same, option classes with a first name for the background: " +
      `classes: [background, ${this.classes[0]}, …]`;
  }

  #fromOne(): string {
    return "they count classes from 1, where CAM files count from 0; subtract 1 from the files' numbers, or give option classes a " +
      `first name that is no class: classes: [background, ${this.classes[0]}, …]`;
  }

  #refusal(problem: string, first: NumberedImage): RangeError {
    return userError(
      new RangeError(
        `Cannot use the CAMs in ${this.folder}: ${problem}; such as ${this.#example(first)}`,
      ),
    );
  }

  #example({ path, numbers, label }: NumberedImage): string {
    const has = [...label.keys()].filter((c) => label[c]! > 0);
    return `${path}, which has maps of ${
      listed(numbers, (number) => this.#nameOf(number))
    }, where the image has ${listed(has, (c) => this.classes[c]!)}`;
  }

  #nameOf(number: number): string {
    const index = this.indices[number] ?? -1;
    return index < 0 ? `${number}` : `${number} (${this.classes[index]})`;
  }
}

function same(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

function listed<T>(items: readonly T[], text: (item: T) => string): string {
  return items.slice(0, LISTED).map(text).join(", ") + (items.length > LISTED ? ", …" : "");
}

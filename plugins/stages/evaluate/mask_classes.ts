import type { Raster } from "seamstress";

/** Value of masks that stands for "not scored". */
const IGNORED = 255;

/** Images compared, strange, strange but for one less or one more, and the numbers that strange ones hold. */
export type MaskClassesState = readonly [number, number, number, number, readonly number[]];

/** How classes of predicted masks compare with those of the ground truth's masks, image by image. */
export class MaskClasses {
  /** Images whose prediction and truth have a class. */
  #compared = 0;
  /** Those that share none. */
  #strange = 0;
  /** Those that share none, but would share one with every predicted number one less, or one more. */
  #shifted: Record<-1 | 1, number> = { [-1]: 0, 1: 0 };
  /** Numbers that predictions of strange images hold. */
  readonly #numbers = new Set<number>();

  /** @param classes the data set's foreground classes */
  constructor(private readonly classes: readonly string[]) {}

  /**
   * @param predicted a mask
   * @param truth of the same image, where masks are scored
   */
  add(predicted: Raster, truth: Raster | undefined): void {
    if (!truth) return;
    const has = foreground(predicted), wanted = foreground(truth);
    if (has.size === 0 || wanted.size === 0) return;
    this.#compared++;
    if (!has.isDisjointFrom(wanted)) return;
    this.#strange++;
    for (const number of has) this.#numbers.add(number);
    for (const by of [-1, 1] as const) {
      const moved = new Set([...has].map((number) => number + by));
      if (!moved.isDisjointFrom(wanted)) this.#shifted[by]++;
    }
  }

  /** @returns what was counted, plain JSON */
  state(): MaskClassesState {
    return [this.#compared, this.#strange, this.#shifted[-1], this.#shifted[1], [...this.#numbers]];
  }

  /** Counts what another counted. */
  merge([compared, strange, less, more, numbers]: MaskClassesState): void {
    this.#compared += compared;
    this.#strange += strange;
    this.#shifted[-1] += less;
    this.#shifted[1] += more;
    for (const number of numbers) this.#numbers.add(number);
  }

  /** @returns what is strange where most images share no class with their truth; a poor prediction may do so, too */
  conclude(): string | undefined {
    if (2 * this.#strange <= this.#compared) return undefined;
    const by = ([-1, 1] as const).find((by) => 2 * this.#shifted[by] > this.#compared);
    const shift = by === undefined
      ? ""
      : `; with every number one ${by < 0 ? "less" : "more"}, ${this.#shifted[by]} would`;
    const numbers = [...this.#numbers].toSorted((a, b) => a - b)
      .map((number) => `${number} (${this.classes[number - 1]})`).join(", ");
    return `${this.#strange} of ${this.#compared} share no class with the ground truth of their image${shift}; they hold ` +
      `${numbers}; are their numbers those of the data set's classes?`;
  }
}

function foreground({ data }: Raster): ReadonlySet<number> {
  const values = new Set<number>(data);
  values.delete(0);
  values.delete(IGNORED);
  return values;
}

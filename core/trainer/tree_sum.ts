/**
 * Adds up values as a balanced binary tree over their order does: neighbours, then pairs of neighbours, and so on. Groups of 2, 4, 8, …
 * values that follow one another may be added up elsewhere, and give the same bits. Holds as many sums as the count has binary digits
 * at most.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TreeSum } from "seamstress";
 * const sum = new TreeSum<string>((a, b) => `(${a}+${b})`);
 * for (const value of "abcdef") sum.add(value);
 * assertEquals(sum.end(), "(((a+b)+(c+d))+(e+f))");
 * ```
 */
export class TreeSum<T> {
  /** Sums of 2^level values each, the largest first. */
  readonly #sums: { readonly level: number; readonly value: T }[] = [];

  /** Begins at nothing. @param plus adds two; what it is given is not used again */
  constructor(readonly plus: (a: T, b: T) => T) {}

  /** Adds the next value. */
  add(value: T): void {
    let level = 0;
    while (this.#sums.at(-1)?.level === level) {
      value = this.plus(this.#sums.pop()!.value, value);
      level++;
    }
    this.#sums.push({ level, value });
  }

  /** Ends the sum. @returns the sum of all; undefined where there was none */
  end(): T | undefined {
    const values = this.#sums.splice(0).map(({ value }) => value);
    if (values.length === 0) return undefined;
    return values.reduceRight((sum, value) => this.plus(value, sum));
  }
}

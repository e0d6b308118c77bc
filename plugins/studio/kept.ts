/**
 * What was read for one request, for those that come soon after: the newest few, and no failures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Kept } from "./kept.ts";
 * let reads = 0;
 * const kept = new Kept<string, number>(1);
 * const read = (key: string) => kept.get(key, () => Promise.resolve(++reads));
 * assertEquals([await read("a"), await read("a"), await read("b"), await read("a")], [1, 1, 2, 3]);
 * ```
 */
export class Kept<K, V> {
  readonly #entries = new Map<K, { readonly at: number; readonly value: Promise<V> }>();

  /**
   * @param most how many are kept
   * @param holds milliseconds after which one is read anew
   */
  constructor(readonly most: number, readonly holds = Infinity) {}

  /**
   * @param key of what is wanted
   * @param read reads it where it is not kept
   * @returns what was read
   */
  get(key: K, read: () => Promise<V>): Promise<V> {
    const now = Date.now(), kept = this.#entries.get(key);
    if (kept && now - kept.at <= this.holds) return kept.value;
    const entry = { at: now, value: read() };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    if (this.#entries.size > this.most) this.#entries.delete(this.#entries.keys().next().value!);
    return entry.value;
  }
}

/** Keeps the newest few of what must be freed, by key. */
export class Newest<V extends Disposable> {
  readonly #values = new Map<string, V>();

  /** @param most how many are kept */
  constructor(readonly most: number) {}

  /**
   * Gives what is kept of a key, which becomes the newest; frees the oldest where there are too many.
   *
   * @param key of what is wanted
   * @param make makes it where it is not kept; no other may be asked for meanwhile
   * @returns the value
   */
  async get(key: string, make: () => Promise<V>): Promise<V> {
    const value = this.#values.get(key) ?? await make();
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const [old, oldest] of [...this.#values].slice(0, -this.most)) {
      oldest[Symbol.dispose]();
      this.#values.delete(old);
    }
    return value;
  }

  /** Frees all. */
  clear(): void {
    for (const value of this.#values.values()) value[Symbol.dispose]();
    this.#values.clear();
  }
}

/** Keeps the newest few of what must be freed, by key. */
export class Newest<V extends Disposable> {
  readonly #values = new Map<string, V>();

  /** @param most how many are kept */
  constructor(readonly most: number) {}

  /** @returns what is kept of a key, which becomes the newest */
  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Keeps a value; frees the oldest where there are too many. @returns the value */
  put(key: string, value: V): V {
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

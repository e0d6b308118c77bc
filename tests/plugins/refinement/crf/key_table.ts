/** Initial number of slots; a power of two. */
const FIRST_SLOTS = 1 << 14;
/** Multiplier of the hash: odd, 2^32 over the golden ratio, so that regular lattice coordinates spread evenly. */
const MULTIPLIER = 0x9e3779b1;
const EMPTY = -1;

/**
 * Numbers integer vectors in the order of their first appearance: a hash table with open addressing and linear probing, never more
 * than half full.
 */
export class KeyTable {
  #size = 0;
  #shift = 32 - Math.log2(FIRST_SLOTS);
  /** Number of the key in each slot, or `EMPTY`. */
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #keys: Int32Array;

  /** @param dimensions integers per key */
  constructor(readonly dimensions: number) {
    this.#keys = new Int32Array(FIRST_SLOTS / 2 * dimensions);
  }

  /** Number of different keys. */
  get size(): number {
    return this.#size;
  }

  /** Keys by number, `[size][dimensions]`; invalid after the next insertion. */
  get keys(): Int32Array {
    return this.#keys.subarray(0, this.#size * this.dimensions);
  }

  /**
   * Looks a key up.
   *
   * @param key of which the first `dimensions` integers are used
   * @returns the key's number, or -1 where it is unknown
   */
  find(key: Int32Array): number {
    return this.#slots[this.#slotOf(key, 0)]!;
  }

  /**
   * Looks a key up and adds it where it is unknown.
   *
   * @param key of which the first `dimensions` integers are used
   * @returns the key's number
   */
  insert(key: Int32Array): number {
    const slot = this.#slotOf(key, 0);
    const known = this.#slots[slot]!;
    if (known !== EMPTY) return known;
    const number = this.#size++;
    const at = number * this.dimensions;
    for (let i = 0; i < this.dimensions; i++) this.#keys[at + i] = key[i]!;
    this.#slots[slot] = number;
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  /** The slot of the key at `keys[at]`, or the empty one where it belongs. */
  #slotOf(key: Int32Array, at: number): number {
    const dimensions = this.dimensions, slots = this.#slots, keys = this.#keys;
    let hash = 0;
    for (let i = 0; i < dimensions; i++) hash = Math.imul(hash + key[at + i]!, MULTIPLIER);
    const last = slots.length - 1;
    for (let slot = hash >>> this.#shift;; slot = (slot + 1) & last) {
      const number = slots[slot]!;
      if (number === EMPTY) return slot;
      const found = number * dimensions;
      let same = 0;
      while (same < dimensions && keys[found + same] === key[at + same]) same++;
      if (same === dimensions) return slot;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    this.#shift--;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let number = 0; number < this.#size; number++) {
      this.#slots[this.#slotOf(keys, number * this.dimensions)] = number;
    }
    this.#keys = new Int32Array(keys.length * 2);
    this.#keys.set(keys);
  }
}

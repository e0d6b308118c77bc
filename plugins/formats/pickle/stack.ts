/** Steps of a list, tuple, dict or call; any other opcode costs one. */
const CONTAINER_STEPS = 8;

/** Steps that one pickle may cost: about 200,000 image labels; at worst some 500 MB. */
const MAX_STEPS = 1 << 24;

/** Makes the error of a pickle whose opcodes do not fit together. */
export type Damaged = (problem: string) => Error;

/** The stack and the memo of a pickle machine, with a bound on what it may build. */
export class PickleStack {
  #items: unknown[] = [];
  readonly #below: unknown[][] = [];
  readonly #memo: unknown[] = [];
  #steps = 0;

  /** @param damaged makes the error where the stack lacks what an opcode takes */
  constructor(readonly damaged: Damaged) {}

  /** @param steps of work to be done, counted before it is */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_STEPS) throw this.damaged("builds more objects than are read");
  }

  /**
   * @param value put on top
   * @returns true
   */
  push(value: unknown): true {
    this.#items.push(value);
    return true;
  }

  /**
   * Puts a container on top, which costs more.
   *
   * @param value the container
   * @returns true
   */
  pushContainer(value: object): true {
    this.spend(CONTAINER_STEPS);
    return this.push(value);
  }

  /** @returns the topmost value, taken off */
  pop(): unknown {
    this.#requireItem();
    return this.#items.pop();
  }

  /**
   * Takes the topmost value off, or the last mark where nothing lies above it, as Python's unpickler does.
   *
   * @returns true
   */
  discard(): true {
    if (this.#items.length > 0) this.#items.pop();
    else this.popMark();
    return true;
  }

  /**
   * @param count how many
   * @returns the topmost values in the order in which they were pushed, taken off
   */
  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** @returns the topmost value, left there */
  top(): unknown {
    this.#requireItem();
    return this.#items.at(-1);
  }

  /**
   * Begins a run of values.
   *
   * @returns true
   */
  mark(): true {
    this.spend(CONTAINER_STEPS);
    this.#below.push(this.#items);
    this.#items = [];
    return true;
  }

  /** @returns the values since the last mark, taken off */
  popMark(): unknown[] {
    const items = this.#items;
    const below = this.#below.pop();
    if (below === undefined) throw this.damaged("ends a container that it never began");
    this.#items = below;
    return items;
  }

  /**
   * Stores the topmost value. Every pickler numbers its objects one after the other.
   *
   * @param index where, at most the next free place, which it is unless given
   * @returns true
   */
  remember(index: number = this.#memo.length): true {
    if (index > this.#memo.length) throw this.damaged("stores an object out of turn");
    this.#memo[index] = this.top();
    return true;
  }

  /**
   * Puts a stored value on top.
   *
   * @param index where it was stored
   * @returns true
   */
  recall(index: number): true {
    if (index >= this.#memo.length) throw this.damaged("refers to an object that it never stored");
    return this.push(this.#memo[index]);
  }

  #requireItem(): void {
    if (this.#items.length === 0) throw this.damaged("takes an object where there is none");
  }
}

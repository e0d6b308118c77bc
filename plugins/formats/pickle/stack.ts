/** Cost of a list, tuple, dict or call, in steps; any other opcode costs one. */
const CONTAINER_STEPS = 8;

/** Maximum cost of one pickle, in steps: enough for about 200,000 image labels, and at worst some 500 MB. */
const MAX_STEPS = 1 << 24;

/** Creates the error for a pickle whose opcodes are inconsistent. */
export type Damaged = (problem: string) => Error;

/** The stack and memo of the unpickler, with a bound on the size of what it builds. */
export class PickleStack {
  #items: unknown[] = [];
  readonly #below: unknown[][] = [];
  readonly #memo: unknown[] = [];
  #steps = 0;

  /** @param damaged creates the error where the stack lacks an operand */
  constructor(readonly damaged: Damaged) {}

  /** @param steps cost of an operation, counted before it runs */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_STEPS) throw this.damaged("builds more objects than are read");
  }

  /**
   * @param value to push
   * @returns true
   */
  push(value: unknown): true {
    this.#items.push(value);
    return true;
  }

  /**
   * Pushes a container, which costs more than other values.
   *
   * @param value the container
   * @returns true
   */
  pushContainer(value: object): true {
    this.spend(CONTAINER_STEPS);
    return this.push(value);
  }

  /** Pops a value. @returns the topmost value */
  pop(): unknown {
    this.#requireItem();
    return this.#items.pop();
  }

  /**
   * Pops the topmost value, or the last mark if nothing is above it, as Python's unpickler does.
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
   * @returns the topmost values, popped, in the order in which they were pushed
   */
  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** @returns the topmost value, which stays on the stack */
  top(): unknown {
    this.#requireItem();
    return this.#items.at(-1);
  }

  /**
   * Pushes a mark.
   *
   * @returns true
   */
  mark(): true {
    this.spend(CONTAINER_STEPS);
    this.#below.push(this.#items);
    this.#items = [];
    return true;
  }

  /** Pops all values above the last mark, and the mark. @returns the values */
  popMark(): unknown[] {
    const items = this.#items;
    const below = this.#below.pop();
    if (below === undefined) throw this.damaged("ends a container that it never began");
    this.#items = below;
    return items;
  }

  /**
   * Stores the topmost value in the memo. Picklers number memo entries consecutively.
   *
   * @param index of the memo entry, at most the next free one, which is the default
   * @returns true
   */
  remember(index: number = this.#memo.length): true {
    if (index > this.#memo.length) throw this.damaged("stores an object out of turn");
    this.#memo[index] = this.top();
    return true;
  }

  /**
   * Pushes a value from the memo.
   *
   * @param index of the memo entry
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

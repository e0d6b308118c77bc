import * as tf from "@tensorflow/tfjs";
import type { Grouped } from "./groups.ts";

/** One tensor a parameter that an optimizer remembers between steps, such as its momentum; zeros at first. */
export class ParameterState {
  readonly #variables: ReadonlyMap<string, tf.Variable>;

  /**
   * @param prefix what the state calls it: `momentum` gives `momentum/b4.conv_branch1.weight`
   * @param params a slot for each
   * @param scalar true where a slot holds one number instead of a tensor of the parameter's shape
   */
  constructor(readonly prefix: string, params: readonly Grouped[], scalar = false) {
    this.#variables = new Map(params.map(({ name, variable }) => {
      const zeros = tf.zeros(scalar ? [] : variable.shape);
      const slot = tf.variable(zeros, false);
      zeros.dispose();
      return [name, slot];
    }));
  }

  /**
   * @param name a parameter's name
   * @returns its slot
   * @throws {RangeError} where the parameter has none
   */
  get(name: string): tf.Variable {
    const slot = this.#variables.get(name);
    if (slot === undefined) throw new RangeError(`Cannot find ${this.prefix} of "${name}"`);
    return slot;
  }

  /** @returns the slots by their names in the state; owned by this */
  state(): Record<string, tf.Tensor> {
    return Object.fromEntries(
      [...this.#variables].map(([name, slot]) => [`${this.prefix}/${name}`, slot]),
    );
  }

  /**
   * Copies a state in.
   *
   * @param state as {@linkcode ParameterState.state} gave it; entries of others are ignored
   * @throws {RangeError} where an entry is missing or of another shape
   */
  restore(state: Readonly<Record<string, tf.Tensor>>): void {
    for (const [name, slot] of this.#variables) {
      const key = `${this.prefix}/${name}`;
      const saved = state[key];
      if (saved === undefined || saved.shape.join() !== slot.shape.join()) {
        throw new RangeError(
          `Cannot restore the optimizer: "${key}" is ${
            saved ? `[${saved.shape}]` : "missing"
          }, [${slot.shape}] is needed`,
        );
      }
      tf.tidy(() => slot.assign(saved.clone()));
    }
  }

  /** Frees the slots. */
  dispose(): void {
    for (const slot of this.#variables.values()) slot.dispose();
  }
}

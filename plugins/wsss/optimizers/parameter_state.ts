import * as tf from "@tensorflow/tfjs";
import type { Grouped } from "./groups.ts";

/** One tensor per parameter that an optimizer keeps between steps, such as its momentum; zeros at first. */
export class ParameterState {
  readonly #variables: ReadonlyMap<string, tf.Variable>;

  /**
   * @param prefix what the state calls it: `momentum` gives `momentum/b4.conv_branch1.weight`
   * @param params a variable for each
   * @param scalar true where a variable holds one number instead of a tensor of the parameter's shape
   */
  constructor(readonly prefix: string, params: readonly Grouped[], scalar = false) {
    this.#variables = new Map(params.map(({ name, variable }) => {
      const zeros = tf.zeros(scalar ? [] : variable.shape);
      const state = tf.variable(zeros, false);
      zeros.dispose();
      return [name, state];
    }));
  }

  /**
   * @param name a parameter's name
   * @returns its variable
   * @throws {RangeError} where the parameter has none
   */
  get(name: string): tf.Variable {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new RangeError(`Cannot find ${this.prefix} of "${name}"`);
    return variable;
  }

  /** @returns the variables by their names in the state; owned by this object */
  state(): Record<string, tf.Tensor> {
    return Object.fromEntries(
      [...this.#variables].map(([name, variable]) => [`${this.prefix}/${name}`, variable]),
    );
  }

  /**
   * Copies a state in.
   *
   * @param state as {@linkcode ParameterState.state} gave it; entries of others are ignored
   * @throws {RangeError} where an entry is missing or of another shape
   */
  restore(state: Readonly<Record<string, tf.Tensor>>): void {
    for (const [name, variable] of this.#variables) {
      const key = `${this.prefix}/${name}`;
      const saved = state[key];
      if (saved === undefined || saved.shape.join() !== variable.shape.join()) {
        throw new RangeError(
          `Cannot restore the optimizer: "${key}" is ${
            saved ? `[${saved.shape}]` : "missing"
          }, [${variable.shape}] is needed`,
        );
      }
      tf.tidy(() => variable.assign(saved.clone()));
    }
  }

  /** Frees the variables. */
  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }
}

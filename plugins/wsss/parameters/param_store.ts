import * as tf from "@tensorflow/tfjs";
import { refuseNonFinite } from "./finite.ts";
import { initialValues } from "./init.ts";
import { fromTorch, torchShape, toTorch } from "./layout.ts";
import { refuseMismatch } from "./mismatch.ts";
import type { LoadStateOptions, Params, ParamSpec } from "../../../core/contracts/params.ts";
import type { Rng } from "../../../core/rng.ts";
import type { StateArray, StateDict } from "../../../core/contracts/state_dict.ts";
import { didYouMean } from "../../../core/registry/suggest.ts";

/** A state dict that parameters are initialised from. */
export interface Given extends LoadStateOptions {
  /** Emptied on the way, so that a large file's content is not held twice. */
  readonly state: Map<string, StateArray>;
}

/**
 * Named parameters on the backend, in the order of their specs.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Rng } from "seamstress";
 * import { ParamStore } from "seamstress/wsss";
 * const params = ParamStore.create([{
 *   name: "fc8.weight",
 *   shape: [1, 1, 4, 3],
 *   layout: "conv",
 *   role: "weight",
 *   trainable: true,
 *   pretrained: false,
 *   init: { kind: "xavier-uniform", gain: 1 },
 * }], Rng.of(1));
 * assertEquals(params.get("fc8.weight").shape, [1, 1, 4, 3]);
 * assertEquals((await params.toStateDict()).get("fc8.weight")?.shape, [3, 4, 1, 1]);
 * params.dispose();
 * ```
 */
export class ParamStore implements Params {
  readonly #byName: ReadonlyMap<string, { spec: ParamSpec; variable: tf.Variable }>;

  private constructor(readonly specs: readonly ParamSpec[], variables: readonly tf.Variable[]) {
    this.#byName = new Map(
      specs.map((spec, i) => [spec.name, { spec, variable: variables[i]! }]),
    );
  }

  /**
   * Makes every parameter: from a state dict where that has it, with initial values elsewhere.
   *
   * @param specs unique names
   * @param rng each parameter draws from its own stream `rng.child("init", name)`, so that none depends on the others
   * @param given PyTorch names and layouts, the file's name and the differences that are allowed
   * @returns parameters that the caller disposes
   * @throws {RangeError} on a duplicate name; one error that lists missing, extra and mis-shaped names of `given` with the nearest ones;
   *   parameters of `given` that hold NaN or infinite values
   */
  static create(specs: readonly ParamSpec[], rng: Rng, given?: Given): ParamStore {
    const seen = new Set<string>();
    for (const { name } of specs) {
      if (seen.has(name)) throw new RangeError(`Cannot make two parameters named "${name}"`);
      seen.add(name);
    }
    if (given !== undefined) {
      refuseMismatch(specs, given.state, given);
      refuseNonFinite(specs, given.state, given.from);
    }
    const variables = specs.map((spec) => {
      const array = given?.state.get(spec.name);
      given?.state.delete(spec.name);
      const values = array === undefined ? initialValues(spec, rng) : valuesOf(array, spec);
      const initial = tf.tensor(values, [...spec.shape], "float32");
      const variable = tf.variable(initial, spec.trainable);
      initial.dispose();
      return variable;
    });
    return new ParamStore(specs, variables);
  }

  /**
   * The variable of a name.
   *
   * @param name PyTorch's name
   * @returns shape as the spec's; owned by the store
   * @throws {RangeError} with the nearest name where there is none
   */
  get(name: string): tf.Variable {
    return this.#entry(name).variable;
  }

  /**
   * The spec of a name.
   *
   * @param name PyTorch's name
   * @returns the spec that the store was made with
   * @throws {RangeError} with the nearest name where there is none
   */
  spec(name: string): ParamSpec {
    return this.#entry(name).spec;
  }

  /** What the optimizer sees. @returns specs that train, in order */
  trainable(): readonly ParamSpec[] {
    return this.specs.filter((spec) => spec.trainable);
  }

  /**
   * Copies a state dict in. Nothing is copied unless all of it fits.
   *
   * @param state PyTorch names and layouts
   * @param options the file's name and the differences that are allowed
   * @throws {RangeError} one error that lists missing, extra and mis-shaped names with the nearest ones; parameters that would be NaN
   *   or infinite
   */
  load(state: StateDict, options: LoadStateOptions): void {
    refuseMismatch(this.specs, state, options);
    refuseNonFinite(this.specs, state, options.from);
    for (const { spec, variable } of this.#byName.values()) {
      const array = state.get(spec.name);
      if (array === undefined) continue;
      tf.tidy(() => variable.assign(tf.tensor(valuesOf(array, spec), [...spec.shape], "float32")));
    }
  }

  /**
   * Reads every parameter back from the backend.
   *
   * @returns PyTorch names and layouts, F32, in the specs' order
   */
  async toStateDict(): Promise<StateDict> {
    const arrays = await Promise.all(
      [...this.#byName.values()].map(async ({ spec, variable }): Promise<[string, StateArray]> => {
        const data = toTorch(await variable.data<"float32">(), spec);
        return [spec.name, { dtype: "F32", shape: torchShape(spec), data }];
      }),
    );
    return new Map(arrays);
  }

  /** Frees every variable. */
  dispose(): void {
    for (const { variable } of this.#byName.values()) variable.dispose();
  }

  #entry(name: string): { spec: ParamSpec; variable: tf.Variable } {
    const entry = this.#byName.get(name);
    if (entry === undefined) {
      throw new RangeError(
        `Cannot find parameter "${name}"${didYouMean(name, this.#byName.keys())}`,
      );
    }
    return entry;
  }
}

/** Elements in our order, which a tensor may keep: never a view, which would hold a whole file. */
function valuesOf(array: StateArray, spec: ParamSpec): Float32Array {
  // refuseMismatch let only floats through.
  const data = array.data as Float32Array;
  const values = fromTorch(data, spec);
  return values === data ? data.slice() : values;
}

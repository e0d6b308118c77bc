import type * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import type { Rng } from "../../../core/rng.ts";
import { trainingParts, type TrainingState } from "../../../core/trainer/training_state.ts";
import { ParamStore } from "../parameters/param_store.ts";
import type { Parts } from "./parts.ts";

/**
 * What method and losses keep across steps, by whole names.
 *
 * @param parts whose `params` are collected
 * @returns specs named `method/NAME` and `losses/LOSS/NAME`
 */
export function keptSpecs({ method, losses }: Pick<Parts, "method" | "losses">): ParamSpec[] {
  return trainingParts(method, losses).flatMap(({ part, plugin }) =>
    (plugin.params ?? []).map((spec) => ({ ...spec, name: `${part}/${spec.name}` }))
  );
}

/** State of method and losses on the backend, made of their specs. */
export class KeptState implements TrainingState {
  readonly trained: Params;
  /** Whether a micro-batch is computed, which may read only. */
  #reading = false;

  private constructor(network: Params, readonly kept: ParamStore) {
    for (const { name } of kept.specs) this.#refuseAssignment(name, kept.get(name));
    this.trained = joined(network, kept);
  }

  /**
   * Makes the state of a training.
   *
   * @param parts whose `params` it holds
   * @param network the network's parameters, which train with these; owned by the caller
   * @param rng each parameter draws its first value from its own stream
   * @returns owned by the caller
   */
  static create(parts: Pick<Parts, "method" | "losses">, network: Params, rng: Rng): KeptState {
    return new KeptState(network, ParamStore.create(keptSpecs(parts), rng));
  }

  /** A part's own. @param part `method` or `losses/LOSS` @returns by the names that the part gave */
  of(part: string): Params {
    return subset(this.kept, `${part}/`);
  }

  /** Computes something; throws where state is assigned to meanwhile. */
  reading<T>(compute: () => T): T {
    this.#reading = true;
    try {
      return compute();
    } finally {
      this.#reading = false;
    }
  }

  /** Frees every variable of it, none of the network's. */
  [Symbol.dispose](): void {
    this.kept.dispose();
  }

  /** State that follows micro-batches in turn would depend on their size, and differ between ranks. */
  #refuseAssignment(name: string, variable: tf.Variable): void {
    const assign = variable.assign.bind(variable);
    variable.assign = (value) => {
      if (this.#reading) {
        throw new Error(
          `Cannot assign to ${name} while a micro-batch is computed: the result would depend on the micro-batch and the rank; ` +
            "hand on what it is computed from by gather.sum or gather.rows, and assign in afterStep",
        );
      }
      assign(value);
    };
  }
}

/**
 * Parameters whose names begin alike, under the rest of their names.
 *
 * @param params all; owned by the caller
 * @param prefix such as `teacher.`
 * @returns those; loading and disposing is left to `params`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Rng } from "seamstress";
 * import { ParamStore, subset } from "seamstress/wsss";
 * const params = ParamStore.create([{
 *   name: "teacher.bias",
 *   shape: [2],
 *   layout: "vector",
 *   role: "buffer",
 *   trainable: false,
 *   pretrained: false,
 *   init: { kind: "zeros" },
 * }], Rng.of(0));
 * assertEquals(subset(params, "teacher.").get("bias"), params.get("teacher.bias"));
 * params.dispose();
 * ```
 */
export function subset(params: Params, prefix: string): Params {
  const specs = params.specs.filter(({ name }) => name.startsWith(prefix))
    .map((spec) => ({ ...spec, name: spec.name.slice(prefix.length) }));
  const whole = (): never => {
    throw new Error(`Cannot load or free the parameters ${prefix}* alone: they belong to others`);
  };
  return {
    specs,
    get: (name) => params.get(prefix + name),
    spec: (name) => ({ ...params.spec(prefix + name), name }),
    trainable: () => specs.filter(({ trainable }) => trainable),
    load: whole,
    toStateDict: whole,
    dispose: whole,
  };
}

/** The network's parameters and the state's as one, for optimizers. */
function joined(network: Params, kept: Params): Params {
  const mine = new Set(kept.specs.map(({ name }) => name));
  const of = (name: string) => mine.has(name) ? kept : network;
  const whole = (): never => {
    throw new Error("Cannot load, store or free network and state together: they have two owners");
  };
  return {
    specs: [...network.specs, ...kept.specs],
    get: (name) => of(name).get(name),
    spec: (name) => of(name).spec(name),
    trainable: () => [...network.trainable(), ...kept.trainable()],
    load: whole,
    toStateDict: whole,
    dispose: whole,
  };
}

import * as tf from "@tensorflow/tfjs";
import type { HalfStorage } from "seamstress/ops";
import {
  type BackendName,
  type Implementations,
  openImplementations,
} from "../implementations/open.ts";

/**
 * Who computes the step: this project; the same on all cores, as the group `workers`, on wasm; the same with `recompute: blocks`; the same with `precision: f16`, on webgpu; tfjs's own
 * kernels with the least that trains this network.
 */
export const IMPLEMENTATIONS = ["ours", "workers", "recompute", "f16", "tfjs"] as const;
/** One of {@linkcode IMPLEMENTATIONS}. */
export type StepImplementation = (typeof IMPLEMENTATIONS)[number];

/** A backend that a step is taken on. */
export interface StepMachine extends Pick<Implementations, "info"> {
  /** Implementations that the backend has. */
  readonly present: readonly StepImplementation[];
  /** Switches to one of them. */
  use(name: StepImplementation): void;
}

/**
 * Prepares a backend. Call it once per process.
 *
 * @param name which
 * @returns the backend and its implementations
 */
export async function openStep(name: BackendName): Promise<StepMachine> {
  const { info, use } = await openImplementations(name);
  return {
    info,
    present: IMPLEMENTATIONS.filter((one) =>
      one === "f16" ? name === "webgpu" : one !== "workers" || name === "wasm"
    ),
    use(one) {
      if (name === "webgpu") {
        // What the backend's option of that name sets.
        const { activations } = tf.backend() as unknown as HalfStorage;
        activations.precision = one === "f16" ? "f16" : "f32";
      }
      use(one === "tfjs" ? "trainable" : "ours");
    },
  };
}

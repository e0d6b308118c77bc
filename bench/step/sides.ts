import * as tf from "@tensorflow/tfjs";
import type { BackendInfo } from "../../core/contracts/backend.ts";
import { selectLargestOp } from "../../plugins/ops/select_largest/select_largest.ts";
import type { HalfStorage } from "../../plugins/ops/precision.ts";

/** Backends that a whole step is timed on. */
export type BackendName = "wasm" | "webgpu";

/**
 * Who computes the step: this project; the same with `recompute: blocks`; the same with `precision: f16`, on webgpu; tfjs's own
 * kernels, with gradients composed of them and the one kernel that nothing can be composed of (top-k with ties apart): the least that
 * trains this network.
 */
export const SIDES = ["ours", "recompute", "f16", "stock"] as const;
/** One of {@linkcode SIDES}. */
export type Side = (typeof SIDES)[number];

/** A backend whose kernels can be exchanged. */
export interface Sides {
  readonly info: BackendInfo;
  /** Sides that the backend has. */
  readonly present: readonly Side[];
  /** Registers one side's kernels, all of them. */
  swapIn(side: Side): void;
}

/**
 * Prepares a backend. One a process: each keeps what tfjs had registered before.
 *
 * @param name which
 * @returns the backend and its sides
 */
export async function openSides(name: BackendName): Promise<Sides> {
  return name === "wasm" ? await openWasm() : await openWebGpu();
}

async function openWasm(): Promise<Sides> {
  const { backend, ours, stock, swapIn } = await import("../wasm/sides.ts");
  // tfjs and what most people add to it refuse the dilated convolutions of this network.
  const composed = {
    kernels: stock.kernels,
    gradients: stock.gradients.map((gradient) =>
      ours.gradients.find(({ kernelName }) =>
        kernelName === "Conv2D" && kernelName === gradient.kernelName
      ) ?? gradient
    ),
  };
  return {
    info: backend,
    present: SIDES.filter((side) => side !== "f16"),
    swapIn: (side) => swapIn(side === "stock" ? composed : ours),
  };
}

async function openWebGpu(): Promise<Sides> {
  const { device, swapIn } = await import("../webgpu/sides.ts");
  const selecting = tf.getKernel(selectLargestOp.kernel, "webgpu")!;
  // What the backend's option of that name sets.
  const storage = tf.backend() as unknown as HalfStorage;
  return {
    info: device,
    present: SIDES,
    swapIn(side) {
      storage.activations.precision = side === "f16" ? "f16" : "f32";
      swapIn(side === "stock" ? "stock" : "ours");
      if (tf.getKernel(selectLargestOp.kernel, "webgpu") === undefined) {
        tf.registerKernel(selecting);
      }
    },
  };
}

import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { weightedSum } from "../weighted_sum/weighted_sum.ts";
import { sgdUpdateOnHeap } from "./on_heap.ts";
import { runSgdUpdate, type SgdUpdateAttributes } from "./sgd_update.wgsl.ts";

/**
 * Gives the new `w0`, `m0`, `w1`, …; on webgpu in place: in the buffers of the old ones, unless another tensor shares them. A tfjs kernel
 * always writes one new tensor, so that an update costs two dispatches and two allocations per parameter. To see it:
 * bench/webgpu_kernels.bench.ts. On wasm all of a parameter's terms are added up in one pass.
 */
export const sgdUpdateOp = defineOp({
  name: "SgdUpdate",
  summary: "a step of stochastic gradient descent for several parameters, where they lie",
  inputs: { "w#": "[…]", "g#": "[…]", "m#": "[…]" },
  attributes: attributesOf<SgdUpdateAttributes>(),
  output: "list",
  shape: (inputs, { rates }) =>
    rates.flatMap((_, i) => [inputs[`w${i}`]!, inputs[`m${i}`] ?? []].flat().map((x) => like(x))),
  overwrites: (input) => /^[wm]/.test(input),
  webgpu: (inputs, attributes, { backend }) => runSgdUpdate(backend, inputs, attributes),
  wasm: (inputs, attributes, { backend }) => sgdUpdateOnHeap(backend, inputs, attributes),
});

/** A parameter and the quantities of its SGD update. */
export interface SgdParameter {
  /** float32 */
  readonly variable: tf.Variable;
  /** Of the variable's shape. */
  readonly gradient: tf.Tensor;
  /** Momentum buffer, of the variable's shape; either all parameters have one, or none has. */
  readonly momentum?: tf.Variable | undefined;
  /** Learning rate. */
  readonly rate: number;
  /** Weight decay coefficient: this factor times the variable is added to its gradient. */
  readonly weightDecay: number;
}

/**
 * One step of stochastic gradient descent for all parameters of a network: b = momentum·b + gradient + weightDecay·w; w = w −
 * rate·b. Terms of factor 0 are left out, even where their tensor holds NaN or infinity. On webgpu one dispatch updates several
 * parameters in place, on wasm one pass a parameter; the composition allocates two new tensors per parameter.
 *
 * @param parameters each at most once
 * @param momentum momentum coefficient; not used where the parameters have no momentum buffer
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { sgdUpdate } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const variable = tf.variable(tf.tensor1d([1, 2])), gradient = tf.tensor1d([2, 0]);
 * sgdUpdate([{ variable, gradient, rate: 0.25, weightDecay: 0 }], 0);
 * assertEquals([...await variable.data()], [0.5, 2]);
 * ```
 */
export function sgdUpdate(parameters: readonly SgdParameter[], momentum: number): void {
  const used = parameters.filter(({ variable }) => variable.size > 0);
  if (used.length === 0) return;
  // Where nothing is overwritten, a parameter's new tensors take the memory of the last one's old ones.
  const parts = tf.getBackend() === "webgpu" ? [used] : used.map((one) => [one]);
  for (const part of parts) update(part, momentum);
}

function update(parameters: readonly SgdParameter[], momentum: number): void {
  tf.tidy(() => {
    const attributes: SgdUpdateAttributes = {
      momentum,
      rates: parameters.map(({ rate }) => rate),
      weightDecays: parameters.map(({ weightDecay }) => weightDecay),
    };
    const inputs = Object.fromEntries(
      parameters.flatMap(({ variable, gradient, momentum }, i) => [
        [`w${i}`, variable],
        [`g${i}`, gradient],
        ...momentum ? [[`m${i}`, momentum]] : [],
      ]),
    );
    const results = sgdUpdateOp.tryKernel(inputs, attributes);
    if (results === undefined) { for (const one of parameters) compose(one, momentum); }
    else {
      parameters.flatMap(({ variable, momentum }) => momentum ? [variable, momentum] : [variable])
        .forEach((variable, i) => variable.assign(results[i]!));
    }
  });
}

function compose(
  { variable, gradient, momentum, rate, weightDecay }: SgdParameter,
  stays: number,
): void {
  // Within a tidy of its own: the next parameter's tensors take this one's memory.
  tf.tidy(() => {
    const change = weightedSum([
      [weightDecay, variable],
      [1, gradient],
      ...momentum ? [[stays, momentum] as const] : [],
    ]);
    momentum?.assign(change);
    variable.assign(weightedSum([[1, variable], [-rate, change]]));
  });
}

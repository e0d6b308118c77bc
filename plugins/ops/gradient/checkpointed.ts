import * as tf from "@tensorflow/tfjs";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { storesActivations, storingIf } from "../precision.ts";

/** What a {@linkcode checkpointed} computation reads. */
export interface CheckpointInputs {
  /** Tensors that get gradients, such as a block's input. */
  readonly inputs?: readonly tf.Tensor4D[];
  /** Tensors that get none, such as the image. */
  readonly constants?: readonly tf.Tensor4D[];
  /** Trainable variables that the computation reads; the result must depend on each. */
  readonly params: readonly tf.Variable[];
}

/**
 * Gradient checkpointing: only the inputs are kept for the backward pass, which computes the intermediate tensors again (Chen et al.,
 * "Training Deep Nets with Sublinear Memory Cost", arXiv 1604.06174; PyTorch's `torch.utils.checkpoint`). The gradients are those of the plain computation, to the last
 * bit where the backend's kernels are deterministic.
 *
 * @param run computes the result from the inputs followed by the constants, which it may dispose. It is called in the forward pass, and
 *   with `again` in the backward pass. It must draw the same random numbers both times, as the streams of a `ForwardContext` do, and
 *   change nothing outside but running statistics, and these only the first time
 * @param from what `run` reads
 * @returns what `run` returned
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { checkpointed, installOps } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * installOps("cpu");
 * const scale = tf.variable(tf.scalar(3));
 * const cube = (x: tf.Tensor4D) => tf.mul<tf.Tensor4D>(tf.mul(tf.square(x), x), scale);
 * const x = tf.tensor4d([2], [1, 1, 1, 1]);
 * const { grads } = tf.variableGrads(() =>
 *   checkpointed(([x]) => cube(x!), { inputs: [x], params: [scale] }).sum()
 * );
 * assertEquals([...await grads[scale.name]!.data()], [8]);
 * ```
 */
export function checkpointed(
  run: (inputs: readonly tf.Tensor4D[], again: boolean) => tf.Tensor4D,
  { inputs = [], constants = [], params }: CheckpointInputs,
): tf.Tensor4D {
  const constant = constants.map((tensor) => tensor.clone());
  const half = storesActivations();
  const again = (inputs: readonly tf.Tensor4D[]) => storingIf(half, () => run(inputs, true));
  const op = tf.customGrad((...args) => {
    const given = args.slice(0, inputs.length) as tf.Tensor4D[];
    const save = args.at(-1) as tf.GradSaveFunc;
    save([...given, ...constant]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]) =>
      gradientsOf(again, saved as tf.Tensor4D[], inputs.length, params, dy);
    return { value: run([...given, ...constant], false), gradFunc };
  });
  const value = op(...inputs, ...params);
  tf.dispose(constant);
  return value as tf.Tensor4D;
}

/**
 * Runs a block of a network, {@linkcode checkpointed} where the context asks for it. A backbone that runs its blocks by this, and
 * names them in `blocks`, supports `recompute: blocks`.
 *
 * @param context says whether to compute blocks again
 * @param run computes the block from the inputs followed by the constants, in the context that it is given: this one, or one that leaves
 *   running statistics alone when the block is computed again
 * @param from what it reads; a tensor that other layers read too, such as a shortcut, should be added outside the block, so that
 *   gradients are summed in the same order
 * @returns what `run` returned
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { inference } from "seamstress";
 * import { runInBlock } from "seamstress/ops";
 * const x = tf.ones<tf.Rank.R4>([1, 1, 1, 2]);
 * const y = runInBlock(inference, ([x]) => tf.mul(x!, 2), { inputs: [x], params: [] });
 * assertEquals([...y.dataSync()], [2, 2]);
 * ```
 */
export function runInBlock(
  context: ForwardContext,
  run: (inputs: readonly tf.Tensor4D[], context: ForwardContext) => tf.Tensor4D,
  from: CheckpointInputs,
): tf.Tensor4D {
  if (context.recompute !== "blocks") {
    return run([...from.inputs ?? [], ...from.constants ?? []], context);
  }
  const keeping: ForwardContext = { ...context, runningStatistics: "keep" };
  return checkpointed((inputs, again) => run(inputs, again ? keeping : context), from);
}

/** Recomputes the forward pass, then runs the backward pass. */
function gradientsOf(
  run: (inputs: readonly tf.Tensor4D[]) => tf.Tensor4D,
  saved: readonly tf.Tensor4D[],
  inputs: number,
  params: readonly tf.Variable[],
  dy: tf.Tensor4D,
): tf.Tensor[] {
  // Clones share their elements with the saved tensors; `run` may dispose them.
  const again = saved.map((tensor) => tensor.clone());
  const { grads } = tf.engine().gradients(
    () => {
      const value = run(again);
      // The backward pass starts at its tape node and does not read its elements.
      value.dispose();
      return value;
    },
    [...again.slice(0, inputs), ...params],
    dy,
  );
  tf.dispose(again);
  const lost = grads.findIndex((gradient) => (gradient as tf.Tensor | undefined) === undefined);
  if (lost >= 0) {
    throw new Error(
      lost < inputs
        ? `Cannot compute again in the backward pass: the result does not depend on input ${lost}`
        : `Cannot compute again in the backward pass: the result does not depend on parameter ${
          lost - inputs
        } of shape [${params[lost - inputs]!.shape}]`,
    );
  }
  return grads;
}

import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";
import { attributesOf } from "../define/spec.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { BINARY_KERNELS } from "./binary_kernels.ts";
import {
  broadcastStrides,
  copyStrided,
  ELEMENT_ARRAYS,
  isPlain,
  tileStrides,
} from "./copy_strided.ts";
import { withCopies } from "./with_copies.ts";

/** What tfjs broadcasts fast where both tensors are float32. */
const FAST_FOR_FLOATS: ReadonlySet<string> = new Set([
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.RealDiv,
  tf.SquaredDifference,
]);

/** Copies elements of a tensor in the order of a shape to a new one, which has `result` as its shape. */
function copied(
  wasm: Wasm,
  x: tf.TensorInfo,
  shape: readonly number[],
  strides: readonly number[],
  result: readonly number[],
): tf.TensorInfo {
  const View = ELEMENT_ARRAYS[x.dtype]!;
  // Memory may grow here: views come after it.
  const out = wasm.makeOutput(result, x.dtype);
  const viewOf = (tensor: tf.TensorInfo) =>
    new View(
      wasm.wasm.HEAPU8.buffer,
      offsetOf(wasm, tensor),
      tf.util.sizeFromShape(tensor.shape),
    );
  copyStrided(viewOf(x), viewOf(out), shape, strides);
  return out;
}

/**
 * tfjs's operations on two tensors on wasm make vectors of indices for every element that they broadcast, and so does Tile, which
 * `tf.where` and `tf.broadcastTo` call: a quarter to half a microsecond each. To see it:
 * `tf.less(tf.zeros([512, 1]), tf.zeros([1, 512]))`. Here what is smaller is copied by strides first. What is computed stays tfjs's,
 * so that no bit changes.
 */
export function installWasmBroadcast(): void {
  for (const kernel of BINARY_KERNELS) {
    fixKernel({
      kernel,
      backend: "wasm",
      inputs: { a: "[…]", b: "[…]" },
      run({ a, b }, _, context) {
        const given = [a, b], wasm = context.backend;
        const fast = FAST_FOR_FLOATS.has(kernel) && given.every(({ dtype }) => dtype === "float32");
        const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
        const isWhole = (x: tf.TensorInfo) => tf.util.arraysEqual(x.shape, shape);
        if (fast || given.every(isWhole) || !given.every(isPlain)) return context.stock();
        const oneIsWhole = given.some(isWhole);
        return withCopies(
          given.map((x) => {
            if (isWhole(x)) return x;
            // A scalar needs no copy. [1,1] does not count as one to tfjs.
            if (oneIsWhole && tf.util.sizeFromShape(x.shape) === 1) return { ...x, shape: [] };
            return () => copied(wasm, x, shape, broadcastStrides(x.shape, shape), shape);
          }),
          ([a, b]) => context.stock({ inputs: { a, b } }),
          ({ dataId }) => wasm.disposeData(dataId),
        );
      },
    });
  }
  fixKernel({
    kernel: tf.Tile,
    backend: "wasm",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ reps: number[] }>(),
    run({ x }, { reps }, context) {
      if (!isPlain(x)) return context.stock();
      const { shape, strides, tiled } = tileStrides(x.shape, reps);
      return copied(context.backend, x, shape, strides, tiled);
    },
  });
}

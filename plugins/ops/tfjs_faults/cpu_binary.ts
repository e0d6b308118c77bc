import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";
import { floatsOf } from "../define/main_memory.ts";
import { BINARY_KERNELS } from "./binary_kernels.ts";
import { isPlain } from "./copy_strided.ts";
import { broadcast } from "./cpu_copies.ts";
import { withCopies } from "./with_copies.ts";

type Loop = (a: Float32Array, b: Float32Array, y: Float32Array) => void;

/** Those that training consists of, as loops of their own: tfjs calls a function and takes two remainders for every element. */
const LOOPS: ReadonlyMap<string, Loop> = new Map<string, Loop>([
  [tf.Add, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! + b[i]!;
  }],
  [tf.Sub, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! - b[i]!;
  }],
  [tf.Multiply, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! * b[i]!;
  }],
  [tf.RealDiv, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! / b[i]!;
  }],
]);

/**
 * tfjs's operations on two tensors make arrays of indices for every element that they broadcast, on cpu: a microsecond each. Here what
 * is smaller is copied by strides first. What is computed stays tfjs's, so that no bit changes.
 */
export function installCpuBinary(): void {
  for (const kernel of BINARY_KERNELS) {
    fixKernel({
      kernel,
      backend: "cpu",
      inputs: { a: "[…]", b: "[…]" },
      run({ a, b }, _, context) {
        if (!isPlain(a) || !isPlain(b)) return context.stock();
        const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
        const loop = LOOPS.get(kernel), bothFloats = a.dtype === "float32" && b.dtype === "float32";
        return withCopies(
          [a, b].map((x) =>
            tf.util.arraysEqual(x.shape, shape) ? x : () => broadcast(context.backend, x, shape)
          ),
          ([a, b]) => {
            if (loop === undefined || !bothFloats) return context.stock({ inputs: { a, b } });
            const y = new Float32Array(tf.util.sizeFromShape(shape));
            loop(floatsOf(context.backend, a!), floatsOf(context.backend, b!), y);
            return tf.tensor(y, shape);
          },
          (copy) => copy.dispose(),
        );
      },
    });
  }
}

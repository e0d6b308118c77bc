import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";
import { attributesOf } from "../define/spec.ts";
import { isPlain, stridesOf, tileStrides } from "./copy_strided.ts";
import { elementsOf, readStrided, transpose } from "./cpu_copies.ts";

/** tfjs's Transpose, Tile and Slice make arrays of indices for every element on cpu, a microsecond each: here they walk by strides. */
export function installCpuMoves(): void {
  fixKernel({
    kernel: tf.Transpose,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ perm: number[] }>(),
    run: ({ x }, { perm }, context) =>
      isPlain(x) ? transpose(context.backend, x, perm) : context.stock(),
  });
  fixKernel({
    kernel: tf.Tile,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ reps: number[] }>(),
    run({ x }, { reps }, context) {
      if (!isPlain(x)) return context.stock();
      const { shape, strides, tiled } = tileStrides(x.shape, reps);
      const y = readStrided(elementsOf(context.backend, x), shape, strides);
      return tf.tensor(y, [...tiled], x.dtype);
    },
  });
  fixKernel({
    kernel: tf.Slice,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ begin: number[]; size: number[] }>(),
    run({ x }, { begin, size }, context) {
      if (!isPlain(x)) return context.stock();
      const [from, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      tf.slice_util.assertParamsValid(x, from, shape);
      const strides = stridesOf(x.shape);
      const first = from.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
      return tf.tensor(
        readStrided(elementsOf(context.backend, x), shape, strides, first),
        shape,
        x.dtype,
      );
    },
  });
}

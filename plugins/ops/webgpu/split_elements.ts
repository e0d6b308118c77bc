import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "./even_ranges.ts";
import type { Split } from "../define/spec.ts";
import { allocate } from "./memory.ts";
import { cut, elements, limitOf, runPart, webgpuOf } from "./parts.ts";

/**
 * Lets a kernel that computes every element, or every pixel, by itself take large tensors. A WebGPU kernel binds whole tensors, and
 * tfjs does not know that adapters limit what can be bound: above the limit (128 MiB on lavapipe, 2 GiB on most GPUs) a kernel does
 * nothing. ResNet38 exceeds the limit at scale 2 of a typical photograph. To see it: a convolution of a 750x1000 image to 64
 * channels on lavapipe. Buffers may be larger than bindings, and a copy binds nothing: the kernel runs on one range of pixels after
 * another, with the same result. Kernels that are not split throw an error that names such a tensor.
 *
 * @param names inputs that have the output's shape; others, such as a batch norm's statistics, are given whole
 * @param unit size in elements of a group that must not be split; 1 by default
 * @returns wraps the kernel
 */
export const splitElements =
  (names: readonly string[], unit: (shape: readonly number[]) => number = () => 1): Split =>
  (kernelFunc, givesHalf) =>
  (call) => {
    const memory = webgpuOf(call);
    const limit = limitOf(memory);
    const wholes = names.map((name) => call.inputs[name] as tf.TensorInfo);
    const { shape, dtype } = wholes[0]!;
    const half = givesHalf(call, shape);
    const channels = unit(shape);
    const halves = half || wholes.some(({ dataId }) => memory.storesHalf(dataId));
    const size = halves ? inFours(channels) : channels;
    const alike = wholes.every((whole) => tf.util.arraysEqual(whole.shape, shape));
    const whole = elements(shape) <= limit || !alike || size > limit || elements(shape) % size > 0;
    // The kernel itself throws an error that names a tensor that is too large.
    if (whole) return kernelFunc(call);
    const out = allocate(memory, shape, dtype, half);
    for (const { from, count } of evenRanges(elements(shape) / size, Math.floor(limit / size))) {
      const parts = wholes.map((whole, i) => [
        names[i],
        cut(memory, whole, from * size, [1, 1, count * size / channels, channels]),
      ]);
      runPart(kernelFunc, call, Object.fromEntries(parts), out, from * size);
    }
    return out;
  };

/** Least common multiple of a number and 4: float16 is stored in groups of four. */
function inFours(size: number): number {
  return size % 4 === 0 ? size : size % 2 === 0 ? 2 * size : 4 * size;
}

import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "./even_ranges.ts";
import type { Split } from "../define/spec.ts";
import { allocate } from "./memory.ts";
import { cut, elements, limitOf, runPart, webgpuOf } from "./parts.ts";

/**
 * Lets a kernel that computes every element, or every pixel, by itself take large tensors. A WebGPU kernel binds whole tensors, and
 * tfjs does not know that adapters limit what can be bound: above the limit (128 MiB on lavapipe, 2 GiB on most GPUs) a kernel does
 * nothing. ResNet38 meets it at twice the size of a photograph. To see it: a convolution of a 750x1000 image to 64 channels on
 * lavapipe. Buffers may be larger than bindings, and a copy binds nothing: the kernel runs on one range of pixels after the other, with
 * the same result. Kernels that are not split refuse such a tensor by name.
 *
 * @param names inputs that have the output's shape; others, such as a batch norm's statistics, are given whole
 * @param unit elements that must stay together; single ones where left out
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
    // Refused there by name where it is too large.
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

/** Least multiple of a number that is one of 4 too: halves lie in fours. */
function inFours(size: number): number {
  return size % 4 === 0 ? size : size % 2 === 0 ? 2 * size : 4 * size;
}

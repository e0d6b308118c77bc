import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "./even_ranges.ts";
import { type ConvAttributes, type ConvGeometry, geometryOf, reach } from "../conv/geometry.ts";
import { givesHalf } from "../half_outputs.ts";
import { BN_RELU_CONV, FROZEN_NORM } from "../own_kernels.ts";
import { narrow, widen } from "./half.wgsl.ts";
import { allocate, bytesPerElement, copyElements, type WebGpuMemory } from "./memory.ts";
import type { WebGpu } from "./program.ts";
import { replaceKernel } from "../registry.ts";

type KernelCall = Parameters<tf.KernelFunc>[0];

/**
 * A WebGPU kernel binds whole tensors, and tfjs does not know that adapters limit what can be bound: above the limit (128 MiB on
 * lavapipe, 2 GiB on most GPUs) a kernel does nothing. ResNet38 meets it at twice the size of a photograph. To see it: a convolution of
 * a 750x1000 image to 64 channels on lavapipe. Buffers may be larger than bindings, and a copy binds nothing: these kernels, those of
 * a convolutional network's forward pass, run on one range of rows or pixels after the other, with the same result. Every other kernel
 * refuses such a tensor by name.
 */
export function installWebgpuLargeTensors(): void {
  split("Relu", ["x"], () => 1);
  split("Add", ["a", "b"], () => 1);
  split("FusedBatchNorm", ["x"], (shape) => shape.at(-1)!);
  split(FROZEN_NORM, ["x"], (shape) => shape.at(-1)!);
  splitConvolution("Conv2D");
  splitConvolution(BN_RELU_CONV);
}

/** Elements that a kernel can bind as one float32 tensor; of halves it could bind twice as many. */
function limitOf(backend: WebGpuMemory): number {
  return Math.floor(backend.maxTensorBytes / 4);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Copies a range of elements out of a tensor. */
function cut(
  backend: WebGpuMemory,
  from: tf.TensorInfo,
  fromElement: number,
  shape: readonly number[],
): tf.TensorInfo {
  const part = allocate(backend, shape, from.dtype, bytesPerElement(backend, from) === 2);
  copyElements(backend, {
    from,
    fromElement,
    to: part,
    toElement: 0,
    count: elements(shape),
  });
  return part;
}

/**
 * Runs a kernel on parts of its inputs and puts what it gives into a part of the output.
 *
 * @param kernelFunc the kernel
 * @param call as the kernel was called
 * @param parts replace the inputs of these names; freed
 * @param out the output; freed where the kernel fails
 * @param toElement where the part of it begins
 */
function runPart(
  kernelFunc: tf.KernelFunc,
  call: KernelCall,
  parts: Readonly<Record<string, tf.TensorInfo>>,
  out: tf.TensorInfo,
  toElement: number,
): void {
  const memory = call.backend as unknown as WebGpuMemory;
  const done = Object.values(parts);
  try {
    const given = kernelFunc({ ...call, inputs: { ...call.inputs, ...parts } }) as tf.TensorInfo;
    const from = storedAs(memory, out, given);
    done.push(from);
    const count = elements(from.shape);
    copyElements(memory, { from, fromElement: 0, to: out, toElement, count });
  } catch (error) {
    done.push(out);
    throw error;
  } finally {
    for (const { dataId } of done) memory.disposeData(dataId);
  }
}

/** A tensor stored as another one is; the one given is freed where it is not. */
function storedAs(
  memory: WebGpuMemory,
  { dataId }: tf.TensorInfo,
  given: tf.TensorInfo,
): tf.TensorInfo {
  const half = memory.storesHalf(dataId);
  if (memory.storesHalf(given.dataId) === half) return given;
  const converted = (half ? narrow : widen)(memory as unknown as WebGpu, given);
  memory.disposeData(given.dataId);
  return converted;
}

/**
 * Lets a kernel that computes every element, or every pixel, by itself take large tensors.
 *
 * @param kernelName the kernel
 * @param names inputs that have the output's shape; others, such as a batch norm's statistics, are given whole
 * @param unit elements that must stay together
 */
function split(
  kernelName: string,
  names: readonly string[],
  unit: (shape: readonly number[]) => number,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, "webgpu");
  replaceKernel(kernelName, "webgpu", (call) => {
    const memory = call.backend as unknown as WebGpuMemory;
    const limit = limitOf(memory);
    const wholes = names.map((name) => call.inputs[name] as tf.TensorInfo);
    const { shape, dtype } = wholes[0]!;
    const half = givesHalf(kernelName, call.inputs, call.attrs, shape);
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
  });
}

/** Least multiple of a number that is one of 4 too: halves lie in fours. */
function inFours(size: number): number {
  return size % 4 === 0 ? size : size % 2 === 0 ? 2 * size : 4 * size;
}

/** Lets convolutions read and write large tensors, a range of output rows at a time. */
function splitConvolution(kernelName: string): void {
  const { kernelFunc } = tf.getKernel(kernelName, "webgpu");
  replaceKernel(kernelName, "webgpu", (call) => {
    const memory = call.backend as unknown as WebGpuMemory;
    const { x, filter, residual } = call.inputs as Record<"x" | "filter", tf.TensorInfo> & {
      residual?: tf.TensorInfo;
    };
    const attributes = call.attrs as unknown as ConvAttributes;
    if (attributes.dataFormat === "NCHW") return kernelFunc(call);
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    const limit = limitOf(memory);
    const rows = rowsWithin(geometry, limit);
    const small = Math.max(elements(geometry.input), elements(geometry.output)) <= limit;
    // Rows of halves begin at whole words where their channels lie in fours, as a map's do.
    const odd = [x, ...residual ? [residual] : []]
      .some(({ dataId, shape }) => memory.storesHalf(dataId) && shape[3]! % 4 > 0);
    if (small || rows < 1 || elements(filter.shape) > limit || odd) return kernelFunc(call);
    const { input: [samples, height, width, channels], output: [, oh, ow, filters] } = geometry;
    const half = givesHalf(kernelName, call.inputs, call.attrs, geometry.output);
    const out = allocate(memory, geometry.output, x.dtype, half);
    for (let sample = 0; sample < samples; sample++) {
      for (const { from, count } of evenRanges(oh, rows)) {
        const { top, bottom, pad } = rowsRead(geometry, from, count);
        const part = cut(
          memory,
          x,
          (sample * height + top) * width * channels,
          [1, bottom - top, width, channels],
        );
        const attrs = { ...call.attrs, pad: [[0, 0], pad, geometry.pad[1], [0, 0]] };
        const toElement = (sample * oh + from) * ow * filters;
        const added = residual && cut(memory, residual, toElement, [1, count, ow, filters]);
        runPart(
          kernelFunc,
          { ...call, attrs: attrs as unknown as tf.NamedAttrMap },
          { x: part, ...added && { residual: added } },
          out,
          toElement,
        );
      }
    }
    return out;
  });
}

/** Output rows whose own elements, and those of the input rows that they read, stay within a limit; below 1 where none does. */
function rowsWithin(geometry: ConvGeometry, limit: number): number {
  const { input: [, , width, channels], output: [, , ow, filters], stride } = geometry;
  const readable = Math.floor(limit / (width * channels));
  const fromInput = Math.floor((readable - reach(geometry, 0) - 1) / stride[0]) + 1;
  return Math.min(Math.floor(limit / (ow * filters)), fromInput);
}

/** Input rows that a range of output rows reads, and the rows of zeros above and below them. */
function rowsRead(
  geometry: ConvGeometry,
  from: number,
  count: number,
): { top: number; bottom: number; pad: [number, number] } {
  const height = geometry.input[1];
  const first = from * geometry.stride[0] - geometry.pad[0][0];
  const end = first + (count - 1) * geometry.stride[0] + reach(geometry, 0) + 1;
  const [top, bottom] = [Math.max(first, 0), Math.min(end, height)];
  return { top, bottom, pad: [top - first, end - bottom] };
}

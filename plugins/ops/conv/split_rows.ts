import type * as tf from "@tensorflow/tfjs";
import { evenRanges } from "../webgpu/even_ranges.ts";
import type { Split } from "../define/spec.ts";
import { allocate } from "../webgpu/memory.ts";
import { cut, elements, limitOf, runPart, webgpuOf } from "../webgpu/parts.ts";
import { type ConvAttributes, type ConvGeometry, geometryOf, reach } from "./geometry.ts";

/**
 * Wraps a convolution so that it supports tensors larger than the device can bind, one range of output rows at a time; see
 * ../webgpu/split_elements.ts.
 */
export const splitRows: Split = (kernelFunc, givesHalf) => (call) => {
  const memory = webgpuOf(call);
  const { x, filter, residual } = call.inputs as Record<"x" | "filter", tf.TensorInfo> & {
    residual?: tf.TensorInfo;
  };
  const attributes = call.attrs as unknown as ConvAttributes;
  if (attributes.dataFormat === "NCHW") return kernelFunc(call);
  const geometry = geometryOf(x.shape, filter.shape, attributes, false);
  const limit = limitOf(memory);
  const rows = rowsWithin(geometry, limit);
  const small = Math.max(elements(geometry.input), elements(geometry.output)) <= limit;
  // Rows of float16 start at whole 32-bit words where the channels are a multiple of 4, as in feature maps.
  const odd = [x, ...residual ? [residual] : []]
    .some(({ dataId, shape }) => memory.storesHalf(dataId) && shape[3]! % 4 > 0);
  if (small || rows < 1 || elements(filter.shape) > limit || odd) return kernelFunc(call);
  const { input: [samples, height, width, channels], output: [, oh, ow, filters] } = geometry;
  const half = givesHalf(call, geometry.output);
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
};

/**
 * Number of output rows for which both their elements and those of the input rows that they read stay within a limit; below 1 where
 * a single row exceeds it.
 */
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

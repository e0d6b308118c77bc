import * as tf from "@tensorflow/tfjs";
import type { Call } from "./record.ts";
import { attribute, type GraphAttribute, type GraphBuilder } from "./tfjs_graph.ts";

type Shape4 = [number, number, number, number];

/** The lowest number that a float32 holds: tfjs's WebGL has no infinity everywhere. */
const LOWEST = -3.4028234663852886e38;

/** Numbers of rows and columns for all four axes. */
const ofAxes = (rows: number, columns: number): GraphAttribute =>
  attribute.numbers([1, rows, columns, 1]);

/**
 * Adds a convolution, depthwise or not, with its padding in pixels.
 *
 * @param graph gets it
 * @param call of the kernel
 */
export function convolve(graph: GraphBuilder, { kernel, inputs, attributes, outputs }: Call): void {
  const x = inputs["x"]!, filter = inputs["filter"]!;
  const { strides, pad, dilations } = attributes as {
    readonly strides: number | [number, number];
    readonly pad: "same" | "valid" | number;
    readonly dilations?: number | [number, number];
  };
  const info = tf.backend_util.computeConv2DInfo(
    graph.value(x).shape as Shape4,
    graph.value(filter).shape as Shape4,
    strides,
    dilations ?? 1,
    pad as "same",
    attributes["dimRoundingMode"] as "floor",
    kernel === "DepthwiseConv2dNative",
  );
  const { top, bottom, left, right } = info.padInfo;
  const padded = [top, bottom, left, right].some((pixels) => pixels > 0);
  const node = graph.node(kernel, [graph.name(x), graph.name(filter)], {
    T: attribute.type("float32"),
    data_format: attribute.text("NHWC"),
    strides: ofAxes(info.strideHeight, info.strideWidth),
    dilations: ofAxes(info.dilationHeight, info.dilationWidth),
    padding: attribute.text(padded ? "EXPLICIT" : "VALID"),
    explicit_paddings: attribute.numbers(padded ? [0, 0, top, bottom, left, right, 0, 0] : []),
  });
  graph.given(outputs, node);
}

/** How many true pixels each window of an average sees, as the factor that undoes counting the padding too; `[1,H,W,1]`. */
function shareOfPadding(info: tf.backend_util.Conv2DInfo): Float32Array {
  const { outHeight, outWidth, inHeight, inWidth, padInfo } = info;
  const seen = (at: number, stride: number, before: number, size: number, side: number) => {
    const start = at * stride - before;
    return Math.min(start + size, side) - Math.max(start, 0);
  };
  const area = info.filterHeight * info.filterWidth;
  return Float32Array.from({ length: outHeight * outWidth }, (_, i) => {
    const row = Math.floor(i / outWidth), column = i % outWidth;
    return area /
      (seen(row, info.strideHeight, padInfo.top, info.filterHeight, inHeight) *
        seen(column, info.strideWidth, padInfo.left, info.filterWidth, inWidth));
  });
}

/**
 * Adds a pooling. tfjs's loader knows no padding in pixels of it: the map is padded before.
 *
 * @param graph gets it
 * @param call of the kernel
 */
export function pool(graph: GraphBuilder, { kernel, inputs, attributes, outputs }: Call): void {
  const x = inputs["x"]!;
  const info = tf.backend_util.computePool2DInfo(
    graph.value(x).shape as Shape4,
    attributes["filterSize"] as number,
    attributes["strides"] as number,
    1,
    attributes["pad"] as number,
    attributes["dimRoundingMode"] as "floor",
  );
  const { top, bottom, left, right } = info.padInfo;
  const padded = [top, bottom, left, right].some((pixels) => pixels > 0);
  const isMax = kernel === "MaxPool";
  const source = !padded ? graph.name(x) : graph.node("PadV2", [
    graph.name(x),
    graph.constant([0, 0, top, bottom, left, right, 0, 0], { shape: [4, 2] }),
    graph.constant([isMax ? LOWEST : 0], { shape: [], dtype: "float32" }),
  ]);
  const pooled = graph.node(kernel, [source], {
    T: attribute.type("float32"),
    data_format: attribute.text("NHWC"),
    ksize: ofAxes(info.filterHeight, info.filterWidth),
    strides: ofAxes(info.strideHeight, info.strideWidth),
    padding: attribute.text("VALID"),
  });
  if (isMax || !padded) return graph.given(outputs, pooled);
  const factor = graph.constant(shareOfPadding(info), {
    shape: [1, info.outHeight, info.outWidth, 1],
    dtype: "float32",
  });
  graph.given(outputs, graph.node("Mul", [pooled, factor]));
}

/**
 * Adds a batch norm with fixed statistics.
 *
 * @param graph gets it
 * @param call of the kernel
 */
export function normalize(graph: GraphBuilder, { inputs, attributes, outputs }: Call): void {
  const channels = graph.value(inputs["x"]!).shape.at(-1)!;
  const vector = (name: string, otherwise: number) =>
    inputs[name] === undefined
      ? graph.constant(new Float32Array(channels).fill(otherwise), { dtype: "float32" })
      : graph.name(inputs[name]);
  const node = graph.node("FusedBatchNormV3", [
    graph.name(inputs["x"]!),
    vector("scale", 1),
    vector("offset", 0),
    graph.name(inputs["mean"]!),
    graph.name(inputs["variance"]!),
  ], {
    T: attribute.type("float32"),
    epsilon: attribute.number(attributes["varianceEpsilon"] as number),
  });
  graph.given(outputs, node);
}

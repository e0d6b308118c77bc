import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../../plugins/ops/conv/geometry.ts";
import { resizeBilinear } from "../../plugins/ops/interpolate/resize_bilinear.ts";
import { beatsStock } from "../../plugins/ops/conv/on_heap.ts";
import { ParamStore } from "../../plugins/wsss/parameters/param_store.ts";
import { Rng } from "../../core/rng.ts";
import type { Activation } from "../../plugins/ops/frozen_norm/normalized.ts";
import { batchNormSpecs, frozenBatchNorm } from "../../plugins/wsss/layers/frozen_batch_norm.ts";
// The backend that the tensors below are made on.
import "./sides.ts";

/** A kernel at a shape. */
export interface KernelCase {
  readonly name: string;
  /** Multiplications and additions; none where memory bounds it. */
  readonly flop?: number;
  run(): void;
}

type Shape = [number, number, number, number];

let seed = 0;

function random<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.keep(tf.randomUniform<R>(shape, -1, 1, "float32", ++seed));
}

/** A convolution's kernel, where it is ours, and its two gradients'. */
function convolution(
  kernelName: "Conv2D" | "DepthwiseConv2dNative",
  shape: Shape,
  filters: number,
  size: number,
  stride: number,
  dilation: number,
): KernelCase[] {
  const depthwise = kernelName !== "Conv2D";
  const x = random<tf.Rank.R4>(shape);
  const filter = random<tf.Rank.R4>([size, size, shape[3], depthwise ? 1 : filters]);
  const pad = dilation * (size - 1) / 2;
  const forward = () =>
    (depthwise ? tf.depthwiseConv2d : tf.conv2d)(x, filter, stride, pad, "NHWC", dilation);
  const output = tf.tidy(() => forward().shape);
  const dy = random<tf.Rank.R4>(output);
  const flop = 2 * dy.size * size * size * (depthwise ? 1 : shape[3]);
  const attributes: ConvAttributes = {
    strides: [stride, stride],
    pad,
    dilations: [dilation, dilation],
  };
  // Looked up when it runs: the sides have different ones.
  const gradient = (input: "x" | "filter") =>
    tf.getGradient(kernelName).gradFunc(
      dy,
      [x, filter],
      attributes as unknown as tf.NamedAttrMap,
    )[input]!();
  const what = `${depthwise ? "depthwise " : ""}${size}x${size} ${shape.join("x")}${
    depthwise ? "" : `->${filters}`
  }${stride > 1 ? ` stride ${stride}` : ""}${dilation > 1 ? ` dilation ${dilation}` : ""}`;
  // tfjs's own on both sides.
  const geometry = geometryOf(x.shape, filter.shape, attributes, depthwise);
  const same = depthwise || !beatsStock(geometry);
  return [
    ...same ? [] : [{ name: `conv ${what}`, flop, run: () => void forward() }],
    { name: `conv ${what}, input gradient`, flop, run: () => void gradient("x") },
    { name: `conv ${what}, filter gradient`, flop, run: () => void gradient("filter") },
  ];
}

function product(
  m: number,
  k: number,
  n: number,
  batch: number,
  transposeA: boolean,
  transposeB: boolean,
): KernelCase {
  const a = random<tf.Rank.R3>(transposeA ? [batch, k, m] : [batch, m, k]);
  const b = random<tf.Rank.R3>(transposeB ? [batch, n, k] : [batch, k, n]);
  const side = (transposed: boolean) => transposed ? "ᵀ" : "";
  return {
    name: `matMul ${batch} of ${m}x${k}${side(transposeA)} by ${k}x${n}${side(transposeB)}`,
    flop: 2 * batch * m * k * n,
    run: () => void tf.matMul(a, b, transposeA, transposeB),
  };
}

function normalisation(shape: Shape, activation: Activation): KernelCase[] {
  const x = random<tf.Rank.R4>(shape), dy = random<tf.Rank.R4>(shape);
  const params = ParamStore.create(batchNormSpecs("norm", shape[3]), Rng.of(1));
  const forward = (x: tf.Tensor) => frozenBatchNorm(x as tf.Tensor4D, params, "norm", activation);
  const name = `frozen batch norm and ${activation} ${shape.join("x")}`;
  return [
    { name, run: () => void forward(x) },
    { name: `${name}, with its gradient`, run: () => void tf.grad(forward)(x, dy) },
  ];
}

function others(): KernelCase[] {
  const maps = random<tf.Rank.R4>([8, 112, 112, 7]), small = random<tf.Rank.R4>([8, 14, 14, 7]);
  const features = random<tf.Rank.R4>([8, 28, 28, 192]);
  const foreground = random<tf.Rank.R4>([8, 112, 112, 6]);
  const best = tf.keep(tf.max(foreground, 3, true));
  return [
    {
      name: "resize 8x14x14x7 to 224x224",
      run: () => void resizeBilinear(small, [224, 224], true),
    },
    { name: "resize 8x112x112x7 to 56x56", run: () => void resizeBilinear(maps, [56, 56], true) },
    { name: "sum of 8x112x112x7 over pixels", run: () => void tf.sum(maps, [1, 2]) },
    { name: "mean of 8x112x112x7", run: () => void tf.mean(maps) },
    { name: "max of 8x112x112x7 over pixels", run: () => void tf.max(maps, [1, 2]) },
    {
      name: "sum of 8x28x28x192 over all but channels",
      run: () => void tf.sum(features, [0, 1, 2]),
    },
    { name: "slice of 8x112x112x7, 6 channels", run: () => void tf.slice(maps, [0, 0, 0, 1]) },
    { name: "concat of 6 and 7 channels", run: () => void tf.concat([foreground, maps], 3) },
    { name: "equal of 6 channels and 1", run: () => void tf.equal(foreground, best) },
  ];
}

/** @returns every kernel of ours on wasm at shapes of the mini network, MobileNetV2 and ResNet38 */
export function kernelCases(): KernelCase[] {
  const conv = (shape: Shape, filters: number, size = 1, stride = 1, dilation = 1) =>
    convolution("Conv2D", shape, filters, size, stride, dilation);
  const depthwise = (shape: Shape, stride = 1, dilation = 1) =>
    convolution("DepthwiseConv2dNative", shape, shape[3], 3, stride, dilation);
  return [
    ...conv([8, 112, 112, 16], 96),
    ...conv([8, 56, 56, 144], 24),
    ...conv([8, 14, 14, 96], 576),
    ...conv([8, 28, 28, 32], 192),
    ...conv([8, 14, 14, 960], 160),
    ...conv([8, 14, 14, 1280], 7),
    ...conv([8, 64, 64, 3], 16, 3, 2),
    ...conv([8, 32, 32, 16], 32, 3, 2),
    ...conv([8, 16, 16, 32], 32, 3),
    ...conv([8, 16, 16, 64], 64, 3),
    ...conv([1, 56, 56, 128], 128, 3),
    ...conv([1, 28, 28, 256], 512, 3, 1, 2),
    ...depthwise([8, 112, 112, 32]),
    ...depthwise([8, 112, 112, 96], 2),
    ...depthwise([8, 14, 14, 960], 1, 2),
    product(256, 256, 256, 1, false, false),
    product(256, 256, 256, 1, true, false),
    product(196, 192, 196, 8, false, true),
    product(196, 196, 21, 8, false, false),
    ...normalisation([8, 56, 56, 144], "relu6"),
    ...normalisation([8, 28, 28, 21], "none"),
    ...others(),
  ];
}

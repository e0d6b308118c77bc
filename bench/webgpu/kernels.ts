import * as tf from "@tensorflow/tfjs";
import { bnReluConv2d } from "../../plugins/ops/bn_relu_conv/bn_relu_conv2d.ts";
import { conv2d } from "../../plugins/ops/conv/conv2d.ts";
import { convFilterGradient } from "../../plugins/ops/conv/filter_gradient.ts";
import { convGeometry } from "../../plugins/ops/conv/geometry.ts";
import { convInputGradient } from "../../plugins/ops/conv/input_gradient.ts";
import { depthwiseConv2d } from "../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { depthwiseFilterGradient } from "../../plugins/ops/depthwise/filter_gradient.ts";
import { depthwiseInputGradient } from "../../plugins/ops/depthwise/input_gradient.ts";
import { frozenNormGradientOp, frozenNormOp } from "../../plugins/ops/frozen_norm/frozen_norm.ts";
import { sgdUpdate } from "../../plugins/ops/sgd_update/sgd_update.ts";
import type { ConvShape } from "./conv_shape.ts";
import type { Case } from "./measure.ts";
import { peaks } from "./peaks.ts";
import { random } from "./random.ts";
import { RESNET38 } from "./resnet38.ts";
import { device } from "./sides.ts";

/** Layers of the networks here, at sizes that a CPU can do. */
const CONVOLUTIONS: readonly ConvShape[] = [
  { size: 56, channels: 3, filters: 16, k: 3 },
  { size: 28, channels: 64, filters: 64, k: 3 },
  { size: 56, channels: 32, filters: 64, k: 3, stride: 2 },
  { size: 14, channels: 128, filters: 128, k: 3, dilation: 2 },
  { size: 29, channels: 64, filters: 21, k: 3, dilation: 12 },
  { size: 28, channels: 256, filters: 128, k: 1 },
  { size: 28, channels: 64, filters: 128, k: 1, stride: 2 },
  { size: 28, channels: 195, filters: 192, k: 1 },
  { size: 7, channels: 4096, filters: 21, k: 1 },
];

const DEPTHWISE: readonly Omit<ConvShape, "filters">[] = [
  { size: 56, channels: 96, k: 3 },
  { size: 56, channels: 96, k: 3, stride: 2 },
  { size: 28, channels: 192, k: 3, dilation: 2 },
];

function run(kernel: string, inputs: tf.NamedTensorMap, attributes: object): () => void {
  return () => void tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap);
}

function nameOf({ samples = 1, ...s }: ConvShape): string {
  return `${s.k}x${s.k} ${samples}x${s.size}x${s.size}x${s.channels}->${s.filters}${
    s.stride ? ` stride ${s.stride}` : ""
  }${s.dilation ? ` dilation ${s.dilation}` : ""}`;
}

/** The forward pass and both gradients; tfjs's own know no dilation. */
function convolution(s: ConvShape): Case[] {
  const { samples = 1, size, channels, filters, k, stride = 1, dilation = 1 } = s;
  const x = random<tf.Rank.R4>([samples, size, size, channels]);
  const filter = random<tf.Rank.R4>([k, k, channels, filters]);
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(x.shape, filter.shape, stride, pad, dilation, false);
  const dy = random<tf.Rank.R4>(geometry.output);
  const flop = 2 * dy.size * k * k * channels;
  const attributes = { strides: [stride, stride], pad, dataFormat: "NHWC" };
  const forward = () => void conv2d(x, filter, { stride, dilation, pad });
  const dx = () => void convInputGradient(dy, filter, geometry);
  const dFilter = () => void convFilterGradient(x, dy, geometry);
  const stockDx = run("Conv2DBackpropInput", { dy, filter }, {
    ...attributes,
    inputShape: x.shape,
  });
  const stockDFilter = run("Conv2DBackpropFilter", { x, dy }, {
    ...attributes,
    filterShape: filter.shape,
  });
  const stock = (own: () => void) => dilation === 1 ? { stock: own } : {};
  const composed = (own: () => void) => s.samples === undefined ? { composed: own } : {};
  return [
    { name: `conv ${nameOf(s)}`, flop, sides: { stock: forward, ours: forward } },
    {
      name: `conv ${nameOf(s)}, input gradient`,
      flop,
      sides: { ...stock(stockDx), ...composed(dx), ours: dx },
    },
    {
      name: `conv ${nameOf(s)}, weight gradient`,
      flop,
      sides: { ...stock(stockDFilter), ...composed(dFilter), ours: dFilter },
    },
  ];
}

function depthwise(
  { size, channels, k, stride = 1, dilation = 1 }: Omit<ConvShape, "filters">,
): Case[] {
  const x = random<tf.Rank.R4>([1, size, size, channels]);
  const filter = random<tf.Rank.R4>([k, k, channels, 1]);
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(x.shape, filter.shape, stride, pad, dilation, true);
  const dy = random<tf.Rank.R4>(geometry.output);
  const flop = 2 * dy.size * k * k;
  const attributes = { strides: [stride, stride], pad, dilations: [1, 1] };
  const name = `depthwise ${k}x${k} 1x${size}x${size}x${channels}${
    stride > 1 ? ` stride ${stride}` : ""
  }${dilation > 1 ? ` dilation ${dilation}` : ""}`;
  const forward = () => void depthwiseConv2d(x, filter, { stride, dilation, pad });
  const dx = () => void depthwiseInputGradient(dy, filter, geometry);
  const dFilter = () => void depthwiseFilterGradient(x, dy, geometry);
  const stock = (kernel: string, inputs: tf.NamedTensorMap) =>
    dilation > 1 ? {} : {
      stock: run(kernel, inputs, {
        ...attributes,
        inputShape: x.shape,
        filterShape: filter.shape,
      }),
    };
  return [
    { name, flop, sides: { stock: forward, ours: forward } },
    {
      name: `${name}, input gradient`,
      flop,
      sides: {
        ...stock("DepthwiseConv2dNativeBackpropInput", { dy, filter }),
        composed: dx,
        ours: dx,
      },
    },
    {
      name: `${name}, weight gradient`,
      flop,
      sides: {
        ...stock("DepthwiseConv2dNativeBackpropFilter", { x, dy }),
        composed: dFilter,
        ours: dFilter,
      },
    },
  ];
}

/** A pre-activated convolution of a residual block, forward and back. */
function preactivated(size: number, channels: number, samples = 1): Case {
  const x = random<tf.Rank.R4>([samples, size, size, channels]);
  const filter = random<tf.Rank.R4>([3, 3, channels, channels]);
  const scale = random<tf.Rank.R1>([channels]), shift = random<tf.Rank.R1>([channels]);
  const step = () =>
    void tf.valueAndGrads((x, filter, residual) =>
      tf.sum(bnReluConv2d(x as tf.Tensor4D, scale, shift, filter as tf.Tensor4D, {
        pad: 1,
        residual: residual as tf.Tensor4D,
      }))
    )([x, filter, x]);
  return {
    name: `bn, relu, conv 3x3 ${samples}x${size}x${size}x${channels}, residual: forward and back`,
    flop: 6 * x.size * 9 * channels,
    sides: { ...samples === 1 && { composed: step }, ours: step },
  };
}

/** SGD with momentum and weight decay. */
function sgd(count: number, size: number): Case {
  const parameters = Array.from({ length: count }, () => ({
    variable: tf.variable(random([size])),
    gradient: random([size]),
    momentum: tf.variable(random([size])),
    rate: 0.1,
    weightDecay: 5e-4,
  }));
  const ours = () => sgdUpdate(parameters, 0.9);
  return {
    name: `sgd with momentum, ${count} x ${size} weights`,
    bytes: 5 * 4 * count * size,
    sides: {
      stock: () => {
        for (const { variable, gradient, momentum } of parameters) {
          momentum.assign(momentum.mul(0.9).add(gradient.add(variable.mul(5e-4))));
          variable.assign(variable.sub(momentum.mul(0.1)));
        }
      },
      composed: ours,
      ours,
    },
  };
}

/** A normalisation that stands alone, forward and back. */
function frozenNorm(size: number, channels: number): Case {
  const x = random<tf.Rank.R4>([1, size, size, channels]), dy = random<tf.Rank.R4>(x.shape);
  const variance = tf.keep(tf.ones<tf.Rank.R1>([channels]));
  const bias = random<tf.Rank.R1>([channels]);
  const attributes = { epsilon: 1e-5, activation: "relu6" } as const;
  const vectors = { mean: bias, variance, weight: bias, bias };
  const [mean, spread] = [bias, variance];
  return {
    name: `frozen batch norm, relu6 1x${size}x${size}x${channels}: forward and back`,
    bytes: 5 * 4 * x.size,
    sides: {
      stock: () => {
        const y = tf.relu6(tf.batchNorm(x, mean, spread, mean, mean, 1e-5));
        const scale = tf.mul(mean, tf.rsqrt(tf.add(spread, 1e-5)));
        tf.mul(tf.mul(dy, scale), tf.mul(tf.step(y), tf.step(tf.sub(6, y))));
      },
      ours: () => {
        const y = frozenNormOp.run({ x, ...vectors }, attributes);
        frozenNormGradientOp.run({ dy, y, variance, weight: bias }, attributes);
      },
    },
  };
}

/** @returns all of them, the peaks first, on a GPU those of ResNet38 next; their tensors stay */
export function kernelCases(): Case[] {
  return [
    ...peaks(),
    ...device.software ? [] : [preactivated(56, 512, 8), ...RESNET38.flatMap(convolution)],
    ...CONVOLUTIONS.flatMap(convolution),
    ...DEPTHWISE.flatMap(depthwise),
    preactivated(28, 64),
    frozenNorm(56, 96),
    sgd(1, 1 << 20),
    sgd(64, 1 << 14),
  ];
}

import * as tf from "@tensorflow/tfjs";
import type { ParamSpec } from "seamstress";
import { type Activation, runInBlock } from "seamstress/ops";
import {
  convolveAndNormalize,
  convolveDepthwiseAndNormalize,
  convSpec,
  type Norm,
  type NormRun,
  normSpecs,
  trainedNormNames,
} from "seamstress/wsss";
import { residualSum } from "./residual_sum.ts";

/** How a convolution meets the border: PyTorch's symmetric zeros, or TensorFlow's SAME (asymmetric at stride 2). */
export type Padding = "torch" | "same";

/** One convolution with its batch norm. */
interface ConvUnit {
  /** The convolution's module, such as `features.2.conv.1.0`. */
  readonly conv: string;
  /** Its batch norm's module, such as `features.2.conv.1.1`. */
  readonly norm: string;
  readonly kernel: 1 | 3;
  readonly depthwise: boolean;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly activation: Activation;
}

/** One entry of torchvision's `features`. */
export interface Feature {
  /** Such as `features.10`. */
  readonly name: string;
  readonly units: readonly ConvUnit[];
  readonly output: number;
  /** Input pixels per pixel of its output. */
  readonly outputStride: number;
  readonly residual: boolean;
  /** Whether its parameters are learned. */
  readonly trainable: boolean;
}

/** Expansion, channels, repeats, first stride. Sandler et al., "MobileNetV2" (arXiv 1801.04381), table 2. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Channels are a multiple of this. */
const MULTIPLE = 8;

/** Channels of a narrower or wider network, as torchvision's `_make_divisible` rounds: never below 90 % of what is asked for. */
function widened(channels: number, width: number): number {
  const wanted = channels * width;
  const rounded = Math.max(MULTIPLE, Math.floor((wanted + MULTIPLE / 2) / MULTIPLE) * MULTIPLE);
  return rounded < 0.9 * wanted ? rounded + MULTIPLE : rounded;
}

/**
 * Lays out torchvision's `mobilenet_v2(width_mult=width).features`. Once the output stride is reached, a stride becomes 1 and what follows it
 * dilates by as much: every later kernel sees the positions that it was trained on (DeepLab, and torchvision's
 * `replace_stride_with_dilation`). The convolution that loses its stride keeps its own dilation.
 *
 * @param limit output stride
 * @param width multiplies channels; the last layer's do not shrink
 * @param trainFrom the first entry that is learned, 0 to 19; 19 is none of them
 * @returns `features.0` to `features.18`
 */
export function features(limit: 8 | 16 | 32, width = 1, trainFrom = 0): readonly Feature[] {
  const all: Omit<Feature, "trainable">[] = [];
  let channels = widened(32, width), reached = 2, dilation = 1;
  all.push(single("features.0", 3, 3, channels, 2, reached));
  for (const [expansion, plain, repeats, first] of STAGES) {
    const output = widened(plain, width);
    for (let i = 0; i < repeats; i++) {
      const wanted = i === 0 ? first : 1;
      const stride = reached * wanted <= limit ? wanted : 1;
      reached *= stride;
      const name = `features.${all.length}`;
      const shape = { input: channels, output, expansion, stride, dilation };
      all.push(invertedResidual(name, shape, wanted === 1 && channels === output, reached));
      if (stride !== wanted) dilation *= wanted;
      channels = output;
    }
  }
  all.push(single("features.18", 1, channels, widened(1280, Math.max(1, width)), 1, reached));
  return all.map((feature, i) => ({ ...feature, trainable: i >= trainFrom }));
}

/** A convolution, batch norm and ReLU6 on their own. */
function single(
  name: string,
  kernel: 1 | 3,
  input: number,
  output: number,
  stride: number,
  outputStride: number,
): Omit<Feature, "trainable"> {
  const unit: ConvUnit = {
    conv: `${name}.0`,
    norm: `${name}.1`,
    kernel,
    depthwise: false,
    input,
    output,
    stride,
    dilation: 1,
    activation: "relu6",
  };
  return { name, units: [unit], output, outputStride, residual: false };
}

/** 1x1 expansion (left out at 1), 3x3 depthwise, 1x1 linear projection. */
function invertedResidual(
  name: string,
  { input, output, expansion, stride, dilation }: {
    readonly input: number;
    readonly output: number;
    readonly expansion: number;
    readonly stride: number;
    readonly dilation: number;
  },
  residual: boolean,
  outputStride: number,
): Omit<Feature, "trainable"> {
  const hidden = input * expansion;
  const point = { kernel: 1, depthwise: false, stride: 1, dilation: 1 } as const;
  const units: ConvUnit[] = [];
  const activated = (unit: Omit<ConvUnit, "conv" | "norm" | "activation">) => {
    const module = `${name}.conv.${units.length}`;
    units.push({ ...unit, conv: `${module}.0`, norm: `${module}.1`, activation: "relu6" });
  };
  if (expansion > 1) activated({ ...point, input, output: hidden });
  activated({ kernel: 3, depthwise: true, input: hidden, output: hidden, stride, dilation });
  const last = units.length;
  units.push({
    ...point,
    conv: `${name}.conv.${last}`,
    norm: `${name}.conv.${last + 1}`,
    input: hidden,
    output,
    activation: "none",
  });
  return { name, units, output, outputStride, residual };
}

/**
 * Lists a unit's parameters.
 *
 * @param feature one entry of `features`
 * @param norms whether its batch norms train
 * @returns the parameters it names
 */
export function featureSpecs(
  { units, trainable }: Feature,
  norms: Norm,
): readonly ParamSpec[] {
  return units.flatMap(({ conv, norm, kernel, depthwise, input, output }) => [
    depthwise
      ? convSpec(`${conv}.weight`, [kernel, kernel, output, 1], { layout: "depthwise", trainable })
      : convSpec(`${conv}.weight`, [kernel, kernel, input, output], { trainable }),
    ...normSpecs(norm, output, trainable ? norms : "frozen"),
  ]);
}

/** How {@linkcode runFeature} runs an entry. */
export interface FeatureRun extends NormRun {
  /** How 3x3 convolutions meet the border. */
  readonly padding: Padding;
  /** Whether it reads what has no gradient: the image, or what layers give that are not learned. */
  readonly first: boolean;
}

/**
 * Runs one entry of `features`.
 *
 * @param feature which
 * @param x `[N,H,W,C]` float32
 * @param how its parameters, whether its batch norms train, the border of 3x3 convolutions, and the pass
 * @returns `[N,H',W',feature.output]`
 */
export function runFeature(
  feature: Feature,
  x: tf.Tensor4D,
  how: FeatureRun,
): tf.Tensor4D {
  const { units, residual } = feature;
  const { params, context, first } = how;
  return tf.tidy(() => {
    const y = runInBlock(context, ([x], context) => runUnits(units, x!, { ...how, context }), {
      [first ? "constants" : "inputs"]: [x],
      params: units.flatMap(({ conv, norm }) => [
        params.get(`${conv}.weight`),
        ...trainedNormNames(norm, how.norm).map((name) => params.get(name)),
      ]),
    });
    // Outside, where it keeps nothing: gradients of x add up in the same order whether or not the units are computed again.
    return residual ? residualSum(y, x) : y;
  });
}

/** Convolutions, each with batch norm and activation. */
function runUnits(
  units: readonly ConvUnit[],
  x: tf.Tensor4D,
  { padding, ...how }: Omit<FeatureRun, "first">,
): tf.Tensor4D {
  return tf.tidy(() => {
    let y = x;
    for (const { conv, norm, kernel, depthwise, stride, dilation, activation } of units) {
      const filter = how.params.get(`${conv}.weight`) as tf.Tensor as tf.Tensor4D;
      const pad = padding === "same" ? padding : dilation * (kernel - 1) / 2;
      const options = { stride, dilation, pad };
      const convolve = depthwise ? convolveDepthwiseAndNormalize : convolveAndNormalize;
      y = convolve(y, filter, options, norm, activation, how);
    }
    return y;
  });
}

import type * as tf from "@tensorflow/tfjs";
import type { ParamSpec } from "seamstress";
import { type Activation, runInBlock } from "seamstress/ops";
import {
  convolveAndNormalize,
  convSpec,
  type Norm,
  type NormRun,
  normSpecs,
  trainedNormNames,
} from "seamstress/wsss";
import { residualRelu } from "./residual_sum.ts";

/** A convolution without bias and the batch norm behind it. */
export interface ConvUnit {
  /** The convolution's module, such as `layer1.0.conv2`. */
  readonly conv: string;
  /** Its batch norm's module, such as `layer1.0.bn2`. */
  readonly norm: string;
  readonly kernel: 1 | 3 | 7;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  /** What follows the batch norm. */
  readonly activation: Activation;
}

/** A bottleneck: its branch, and the projection of its shortcut where there is one. */
export interface Block {
  /** Such as `layer1.0`. */
  readonly name: string;
  /** 1x1, 3x3 and 1x1 convolution. */
  readonly branch: readonly ConvUnit[];
  /** 1x1 convolution of the shortcut; the shortcut is the input itself without it. */
  readonly downsample?: ConvUnit;
  readonly trainable: boolean;
}

/** One of the four layers of a ResNet. */
export interface Layer {
  /** Such as `layer3`. */
  readonly name: string;
  readonly blocks: readonly Block[];
  /** Channels of its result. */
  readonly output: number;
  /** Input pixels per pixel of its result. */
  readonly outputStride: number;
}

/** What {@linkcode layers} are laid out by. */
export interface Layout {
  /** Bottlenecks of each layer. */
  readonly depths: readonly [number, number, number, number];
  /** Channels of conv1. */
  readonly width: number;
  /** Output stride. */
  readonly limit: 8 | 16 | 32;
  /** Whether a layer that loses its stride dilates instead. */
  readonly dilate: boolean;
  /** Number of the first layer that trains, from 1; 0 where conv1 trains too. */
  readonly trainFrom: number;
}

/**
 * Lays out the layers of a ResNet of bottlenecks (He et al., arXiv 1512.03385), stride in the 3x3 convolution, as torchvision does
 * with `replace_stride_with_dilation`: the first block of a layer that loses its stride keeps the dilation so far, the others have
 * twice as much.
 *
 * @param layout depths, width, output stride, and what trains
 * @returns `layer1` to `layer4`
 */
export function layers({ depths, width, limit, dilate, trainFrom }: Layout): readonly Layer[] {
  let input = width, outputStride = 4, dilation = 1;
  return depths.map((depth, i): Layer => {
    const name = `layer${i + 1}`, inner = width * 2 ** i;
    const wanted = i === 0 ? 1 : 2;
    const stride = outputStride * wanted <= limit ? wanted : 1;
    const before = dilation;
    if (stride !== wanted && dilate) dilation *= wanted;
    outputStride *= stride;
    const blocks = Array.from({ length: depth }, (_, k) => {
      const block = bottleneck(`${name}.${k}`, {
        input,
        inner,
        stride: k === 0 ? stride : 1,
        dilation: k === 0 ? before : dilation,
        trainable: i + 1 >= trainFrom,
      });
      input = 4 * inner;
      return block;
    });
    return { name, blocks, output: input, outputStride };
  });
}

function bottleneck(
  name: string,
  { input, inner, stride, dilation, trainable }: {
    readonly input: number;
    readonly inner: number;
    readonly stride: number;
    readonly dilation: number;
    readonly trainable: boolean;
  },
): Block {
  const output = 4 * inner;
  const unit = (
    number: number,
    shape: Pick<ConvUnit, "kernel" | "input" | "output"> & Partial<ConvUnit>,
  ): ConvUnit => ({
    conv: `${name}.conv${number}`,
    norm: `${name}.bn${number}`,
    stride: 1,
    dilation: 1,
    activation: "relu",
    ...shape,
  });
  const branch = [
    unit(1, { kernel: 1, input, output: inner }),
    unit(2, { kernel: 3, input: inner, output: inner, stride, dilation }),
    unit(3, { kernel: 1, input: inner, output, activation: "none" }),
  ];
  if (stride === 1 && input === output) return { name, branch, trainable };
  const downsample: ConvUnit = {
    conv: `${name}.downsample.0`,
    norm: `${name}.downsample.1`,
    kernel: 1,
    input,
    output,
    stride,
    dilation: 1,
    activation: "none",
  };
  return { name, branch, downsample, trainable };
}

/**
 * Lists parameters of convolutions with their batch norms.
 *
 * @param units which
 * @param trainable whether the convolutions train
 * @param norm whether the batch norms train where the convolutions do
 * @returns the parameters they name
 */
export function unitSpecs(
  units: readonly ConvUnit[],
  trainable: boolean,
  norm: Norm,
): readonly ParamSpec[] {
  return units.flatMap((unit) => [
    convSpec(`${unit.conv}.weight`, [unit.kernel, unit.kernel, unit.input, unit.output], {
      trainable,
    }),
    ...normSpecs(unit.norm, unit.output, trainable ? norm : "frozen"),
  ]);
}

/**
 * Lists a block's parameters.
 *
 * @param block a bottleneck
 * @param norm whether the batch norms train where the block does
 * @returns the parameters it names, in torchvision's order
 */
export function blockSpecs(
  { branch, downsample, trainable }: Block,
  norm: Norm,
): readonly ParamSpec[] {
  return unitSpecs(downsample ? [...branch, downsample] : branch, trainable, norm);
}

/**
 * Runs convolutions, each with batch norm and activation, as one block of the network: with `recompute: blocks` what lies between
 * is computed again. Each array is freed at its last use.
 *
 * @param units in order
 * @param x `[N,H,W,C]` float32; the caller's
 * @param how parameters, batch norms and context
 * @param from whether a gradient passes to x
 * @returns `[N,H',W',C']`
 */
export function runUnits(
  units: readonly ConvUnit[],
  x: tf.Tensor4D,
  how: NormRun,
  from: "inputs" | "constants" = "inputs",
): tf.Tensor4D {
  const { params } = how;
  const trained = units.flatMap(({ conv, norm }) => [
    `${conv}.weight`,
    ...trainedNormNames(norm, how.norm),
  ]).filter((name) => params.spec(name).trainable);
  const run = (input: tf.Tensor4D, context: NormRun["context"]) => {
    const now = { ...how, context };
    let y = input;
    for (const { conv, norm, kernel, stride, dilation, activation } of units) {
      const filter = params.get(`${conv}.weight`) as tf.Tensor as tf.Tensor4D;
      const pad = dilation * (kernel - 1) / 2;
      const options = { stride, dilation, pad };
      y = convolveAndNormalize(y, filter, options, norm, activation, now, y !== input);
    }
    return y;
  };
  return runInBlock(how.context, ([x], context) => run(x!, context), {
    [from]: [x],
    params: trained.map((name) => params.get(name)),
  });
}

/**
 * Runs a bottleneck: relu(branch(x) + shortcut(x)).
 *
 * @param block which
 * @param x `[N,H,W,input]` float32; the caller's
 * @param how parameters, batch norms and context
 * @param from whether a gradient passes to x
 * @returns `[N,H',W',output]`
 */
export function runBlock(
  { branch, downsample }: Block,
  x: tf.Tensor4D,
  how: NormRun,
  from: "inputs" | "constants" = "inputs",
): tf.Tensor4D {
  // Two calls, and the sum outside: gradients of x add up in the same order whether or not the inside is computed again.
  const y = runUnits(branch, x, how, from);
  const shortcut = downsample ? runUnits([downsample], x, how, from) : x;
  const output = residualRelu(y, shortcut);
  y.dispose();
  if (shortcut !== x) shortcut.dispose();
  return output;
}

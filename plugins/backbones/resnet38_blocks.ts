import * as tf from "@tensorflow/tfjs";
import { channelDropout } from "../../core/ops/channel_dropout.ts";
import type { ParamSpec, ParamStore } from "../../core/params.ts";
import type { Pass } from "../../core/pass.ts";
import { convSpec } from "./conv_spec.ts";
import { batchNormSpecs } from "./frozen_batch_norm.ts";
import { preactivate } from "./preactivated.ts";

/** One pre-activated convolution of a block's residual branch. */
interface Layer {
  /** Suffix of its parameters: `bn_branch<suffix>`, `conv_branch<suffix>`. */
  readonly suffix: string;
  readonly kernel: 1 | 3;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
}

/** A residual block: its branch, its shortcut, and what of it trains. */
export interface Block {
  /** Such as `b4_1`. */
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly trainable: boolean;
  /** Channel dropout before every layer but the first. */
  readonly dropout: number;
}

/** What {@linkcode basicBlock} needs beside name and widths. */
export interface BasicTraits {
  readonly stride?: number;
  /** Dilation of the second convolution. */
  readonly dilation?: number;
  /** Dilation of the first convolution; the second's unless given. */
  readonly firstDilation?: number;
  readonly trainable?: boolean;
}

/**
 * `ResBlock` of psa's `network/resnet38d.py`: two 3x3 convolutions.
 *
 * @param name such as `b4_1`
 * @param widths channels in, between and out
 * @param traits stride, dilations, whether it trains
 * @returns the block
 */
export function basicBlock(
  name: string,
  [input, middle, output]: readonly [number, number, number],
  { stride = 1, dilation = 1, firstDilation = dilation, trainable = true }: BasicTraits = {},
): Block {
  const layers: Layer[] = [
    { suffix: "2a", kernel: 3, input, output: middle, stride, dilation: firstDilation },
    { suffix: "2b1", kernel: 3, input: middle, output, stride: 1, dilation },
  ];
  return { name, layers, input, output, stride, trainable, dropout: 0 };
}

/**
 * `ResBlock_bot` of psa's `network/resnet38d.py`: 1x1 to a quarter, 3x3 to a half, 1x1 to all channels.
 *
 * @param name such as `b6`
 * @param widths channels in and out
 * @param dilation of the 3x3 convolution
 * @param dropout rate of channel dropout before the second and third convolution
 * @returns the block
 */
export function bottleneck(
  name: string,
  [input, output]: readonly [number, number],
  dilation: number,
  dropout: number,
): Block {
  const quarter = output / 4, half = output / 2;
  const layers: Layer[] = [
    { suffix: "2a", kernel: 1, input, output: quarter, stride: 1, dilation: 1 },
    { suffix: "2b1", kernel: 3, input: quarter, output: half, stride: 1, dilation },
    { suffix: "2b2", kernel: 1, input: half, output, stride: 1, dilation: 1 },
  ];
  return { name, layers, input, output, stride: 1, trainable: true, dropout };
}

/** Whether the shortcut is the input itself; it is a 1x1 convolution otherwise. */
function keepsShape(block: Block): boolean {
  return block.input === block.output && block.stride === 1;
}

/**
 * @param block a residual block
 * @returns the parameters it names
 */
export function blockSpecs(block: Block): readonly ParamSpec[] {
  const { name, trainable, input, output } = block;
  const branch = block.layers.flatMap((layer) => [
    ...batchNormSpecs(`${name}.bn_branch${layer.suffix}`, layer.input),
    convSpec(
      `${name}.conv_branch${layer.suffix}.weight`,
      [layer.kernel, layer.kernel, layer.input, layer.output],
      { trainable },
    ),
  ]);
  if (keepsShape(block)) return branch;
  return [...branch, convSpec(`${name}.conv_branch1.weight`, [1, 1, input, output], { trainable })];
}

/**
 * Runs a block: y = branch(relu(bn(x))) + shortcut. Every array is freed at its last use, not with the block: at full size each
 * counts. What the backward pass needs is held by the tape.
 *
 * @param block which
 * @param x `[N,H,W,input]` float32; disposed
 * @param params holds the block's parameters
 * @param pass training or inference; dropout draws for purpose `dropout <block>.<layer>`
 * @param keepEntry whether to give `entry` too
 * @returns `output`, and `entry` = relu(bn(x)), the pre-activated input that the network's taps show
 */
export function runBlock(
  block: Block,
  x: tf.Tensor4D,
  params: ParamStore,
  pass: Pass,
  keepEntry = false,
): { output: tf.Tensor4D; entry?: tf.Tensor4D } {
  const { name, layers } = block;
  const weight = (suffix: string) =>
    params.get(`${name}.conv_branch${suffix}.weight`) as tf.Tensor as tf.Tensor4D;
  return tf.tidy(() => {
    const identity = keepsShape(block), drops = block.dropout > 0 && pass.training;
    const keep = (map: tf.Tensor4D) => map;
    const bn = (layer: Layer) => `${name}.bn_branch${layer.suffix}`;
    const entry = preactivate(x, params, bn(layers[0]!), keepEntry ? keep : undefined);
    if (!identity && entry.map !== undefined) x.dispose();
    let branch = x, shortcut = x;
    layers.forEach((layer, i) => {
      const drop = (map: tf.Tensor4D) =>
        channelDropout(map, block.dropout, pass, `dropout ${name}.${layer.suffix}`);
      const input = i === 0
        ? entry
        : preactivate(branch, params, bn(layer), drops ? drop : undefined);
      if (i > 0 && input.map !== undefined) branch.dispose();
      const last = i === layers.length - 1;
      if (last && !identity) {
        shortcut = entry.conv2d(weight("1"), { stride: block.stride, pad: 0 });
        if (!keepEntry) (entry.map ?? x).dispose();
      }
      const { stride, dilation, kernel } = layer;
      const next = input.conv2d(weight(layer.suffix), {
        stride,
        dilation,
        pad: dilation * (kernel - 1) / 2,
        residual: last ? shortcut : undefined,
      });
      if (i > 0) (input.map ?? branch).dispose();
      else if (identity && !keepEntry) entry.map?.dispose();
      branch = next;
    });
    shortcut.dispose();
    if (!keepEntry) return { output: branch };
    // Asked for, hence computed.
    return { output: branch, entry: entry.map! };
  });
}

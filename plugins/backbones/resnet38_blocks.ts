import * as tf from "@tensorflow/tfjs";
import type { ForwardContext, Params, ParamSpec } from "seamstress";
import { channelDropout, runInBlock } from "seamstress/ops";
import { convSpec, type Norm, normSpecs, trainedNormNames } from "seamstress/wsss";
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

/** A residual block: its branch, its shortcut, and which part of it trains. */
export interface Block {
  /** Such as `b4_1`. */
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly trainable: boolean;
  /** Its batch norms. */
  readonly norm: Norm;
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
  /** Frozen unless given. */
  readonly norm?: Norm;
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
  {
    stride = 1,
    dilation = 1,
    firstDilation = dilation,
    trainable = true,
    norm = "frozen",
  }: BasicTraits = {},
): Block {
  const layers: Layer[] = [
    { suffix: "2a", kernel: 3, input, output: middle, stride, dilation: firstDilation },
    { suffix: "2b1", kernel: 3, input: middle, output, stride: 1, dilation },
  ];
  return { name, layers, input, output, stride, trainable, norm, dropout: 0 };
}

/**
 * `ResBlock_bot` of psa's `network/resnet38d.py`: 1x1 to a quarter, 3x3 to a half, 1x1 to all channels.
 *
 * @param name such as `b6`
 * @param widths channels in and out
 * @param traits of the 3x3 convolution, the batch norms, and the rate of channel dropout before the second and third convolution
 * @returns the block
 */
export function bottleneck(
  name: string,
  [input, output]: readonly [number, number],
  { dilation, dropout, norm }: Required<Pick<Block, "dropout" | "norm">> & {
    readonly dilation: number;
  },
): Block {
  const quarter = output / 4, half = output / 2;
  const layers: Layer[] = [
    { suffix: "2a", kernel: 1, input, output: quarter, stride: 1, dilation: 1 },
    { suffix: "2b1", kernel: 3, input: quarter, output: half, stride: 1, dilation },
    { suffix: "2b2", kernel: 1, input: half, output, stride: 1, dilation: 1 },
  ];
  return { name, layers, input, output, stride: 1, trainable: true, norm, dropout };
}

/** Whether the shortcut is the input itself; it is a 1x1 convolution otherwise. */
function keepsShape(block: Block): boolean {
  return block.input === block.output && block.stride === 1;
}

/**
 * Lists a block's parameters.
 *
 * @param block a residual block
 * @returns the parameters it names
 */
export function blockSpecs(block: Block): readonly ParamSpec[] {
  const { name, trainable, norm, input, output } = block;
  const branch = block.layers.flatMap((layer) => [
    ...normSpecs(`${name}.bn_branch${layer.suffix}`, layer.input, norm),
    convSpec(
      `${name}.conv_branch${layer.suffix}.weight`,
      [layer.kernel, layer.kernel, layer.input, layer.output],
      { trainable },
    ),
  ]);
  if (keepsShape(block)) return branch;
  return [...branch, convSpec(`${name}.conv_branch1.weight`, [1, 1, input, output], { trainable })];
}

/** How {@linkcode runBlock} runs a block. */
export interface BlockRun {
  readonly params: Params;
  /** Training or inference; dropout draws for purpose `dropout <block>.<layer>`. */
  readonly context: ForwardContext;
  /** Whether to give `entry` too. */
  readonly keepEntry?: boolean;
  /** Whether no gradient passes to the block's input. */
  readonly first?: boolean;
}

/**
 * Runs a block: y = branch(relu(bn(x))) + shortcut. Every array is freed at its last use, not with the block: at full size each
 * counts. What the backward pass needs is held by the tape.
 *
 * @param block which
 * @param x `[N,H,W,input]` float32; disposed
 * @param how parameters and pass
 * @returns `output`, and `entry` = relu(bn(x)), the pre-activated input that the network's taps show
 */
export function runBlock(
  block: Block,
  x: tf.Tensor4D,
  { params, context, keepEntry = false, first = false }: BlockRun,
): { output: tf.Tensor4D; entry?: tf.Tensor4D } {
  return tf.tidy(() => {
    if (!keepEntry) {
      const output = runInBlock(
        context,
        ([x], context) => {
          const { branch, shortcut } = begin(block, x!, params, context);
          return finish(block, branch, shortcut, params, context);
        },
        { [first ? "constants" : "inputs"]: [x], params: trainableOf(block, params) },
      );
      return { output };
    }
    // What others may read too stays outside: its gradients add up in the same order whether or not the rest is computed again.
    const { branch, shortcut, entry } = begin(block, x, params, context, (map) => map);
    const output = runInBlock(
      context,
      ([branch, shortcut], context) => finish(block, branch!, shortcut!, params, context),
      { inputs: [branch, shortcut], params: trainableOf(block, params, 1) },
    );
    // Asked for, hence computed.
    return { output, entry: entry! };
  });
}

/** Names of a block's trainable parameters: of the layers from one on, and of the shortcut where it trains. */
function trainableOf(block: Block, params: Params, from = 0): tf.Variable[] {
  if (!block.trainable) return [];
  const suffixes = block.layers.slice(from).map(({ suffix }) => suffix);
  if (from === 0 && !keepsShape(block)) suffixes.push("1");
  const norms = block.layers.slice(from).flatMap(({ suffix }) =>
    trainedNormNames(`${block.name}.bn_branch${suffix}`, block.norm)
  );
  const weights = suffixes.map((suffix) => `${block.name}.conv_branch${suffix}.weight`);
  return [...norms, ...weights].map((name) => params.get(name));
}

function weightOf({ name }: Block, suffix: string, params: Params): tf.Tensor4D {
  return params.get(`${name}.conv_branch${suffix}.weight`) as tf.Tensor as tf.Tensor4D;
}

function convOptions({ stride, dilation, kernel }: Layer) {
  return { stride, dilation, pad: dilation * (kernel - 1) / 2 };
}

/** The first layer and the shortcut, both of relu(bn(x)), which is given where it is asked for; disposes `x`. */
function begin(
  block: Block,
  x: tf.Tensor4D,
  params: Params,
  context: ForwardContext,
  keep?: (map: tf.Tensor4D) => tf.Tensor4D,
): { branch: tf.Tensor4D; shortcut: tf.Tensor4D; entry: tf.Tensor4D | undefined } {
  const layer = block.layers[0]!, identity = keepsShape(block);
  const how = { norm: block.norm, params, context };
  const input = preactivate(x, `${block.name}.bn_branch${layer.suffix}`, how, keep);
  if (!identity && input.map !== undefined) x.dispose();
  const branch = input.conv2d(weightOf(block, layer.suffix, params), convOptions(layer));
  const shortcut = identity
    ? x
    : input.conv2d(weightOf(block, "1", params), { stride: block.stride, pad: 0 });
  if (keep === undefined) input.map?.dispose();
  if (!identity && input.map === undefined) x.dispose();
  return { branch, shortcut, entry: input.map };
}

/** The other layers and the sum; disposes what it is given. */
function finish(
  block: Block,
  begun: tf.Tensor4D,
  shortcut: tf.Tensor4D,
  params: Params,
  context: ForwardContext,
): tf.Tensor4D {
  const { name, norm, dropout, layers: [, ...layers] } = block;
  let branch = begun;
  for (const layer of layers) {
    const drop = (map: tf.Tensor4D) =>
      channelDropout(map, dropout, context, `dropout ${name}.${layer.suffix}`);
    const drops = dropout > 0 && context.training;
    const module = `${name}.bn_branch${layer.suffix}`;
    const input = preactivate(branch, module, { norm, params, context }, drops ? drop : undefined);
    if (input.map !== undefined) branch.dispose();
    const next = input.conv2d(weightOf(block, layer.suffix, params), {
      ...convOptions(layer),
      residual: layer === layers.at(-1) ? shortcut : undefined,
    });
    (input.map ?? branch).dispose();
    branch = next;
  }
  shortcut.dispose();
  return branch;
}

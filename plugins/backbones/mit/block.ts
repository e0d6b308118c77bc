import * as tf from "@tensorflow/tfjs";
import type { ForwardContext, Params, ParamSpec } from "seamstress";
import {
  addBias,
  attend,
  attentionWeights,
  conv2d,
  depthwiseConv2d,
  dropPath,
  gelu,
  runInBlock,
} from "seamstress/ops";
import {
  biasSpec,
  convSpec,
  layerNormalize,
  layerNormSpecs,
  linear,
  linearSpecs,
} from "seamstress/wsss";
import { partOfLinear } from "../part_of_linear.ts";
import { residualSum } from "../residual_sum.ts";

/** `eps` of the norms that SegFormer leaves at PyTorch's default. */
const DEFAULT_EPSILON = 1e-5;

/** One block of a mix transformer. */
export interface Block {
  /** Such as `block2.0`. */
  readonly name: string;
  readonly channels: number;
  readonly heads: number;
  /** Pixels of the map, along a side, that become one key and value. */
  readonly reduction: number;
  /** Share of samples whose branches are dropped in training. */
  readonly rate: number;
}

/** Overlapping patches: a convolution, and a norm. */
export interface PatchEmbed {
  /** Such as `patch_embed2`. */
  readonly name: string;
  readonly kernel: 3 | 7;
  readonly stride: 1 | 2 | 4;
  readonly input: number;
  readonly output: number;
}

/**
 * Weight and bias of a convolution that follows a transformer's inits.
 *
 * @param name the module
 * @param shape HWIO, or `[h,w,C,1]` where depthwise
 * @param depthwise whether each channel has a filter of its own
 * @returns both specs
 */
function biasedConv(
  name: string,
  shape: readonly [number, number, number, number],
  depthwise = false,
): readonly ParamSpec[] {
  const [h, w, input, output] = shape;
  const channels = depthwise ? input : output;
  // SegFormer's: a normal by the fan out, of one group where depthwise.
  const std = Math.sqrt(2 / (h * w * (depthwise ? 1 : output)));
  return [
    convSpec(`${name}.weight`, shape, {
      ...depthwise && { layout: "depthwise" },
      init: { kind: "normal", std },
    }),
    biasSpec(`${name}.bias`, channels),
  ];
}

/**
 * Lists the parameters of overlapping patches.
 *
 * @param embed which
 * @returns the parameters it names
 */
export function patchSpecs({ name, kernel, input, output }: PatchEmbed): readonly ParamSpec[] {
  return [
    ...biasedConv(`${name}.proj`, [kernel, kernel, input, output]),
    ...layerNormSpecs(`${name}.norm`, output),
  ];
}

/**
 * Lists a block's parameters.
 *
 * @param block which
 * @returns the parameters it names, in SegFormer's order
 */
export function blockSpecs({ name, channels, reduction }: Block): readonly ParamSpec[] {
  return [
    ...layerNormSpecs(`${name}.norm1`, channels),
    ...linearSpecs(`${name}.attn.q`, channels, channels),
    ...linearSpecs(`${name}.attn.kv`, channels, 2 * channels),
    ...linearSpecs(`${name}.attn.proj`, channels, channels),
    ...reduction > 1
      ? [
        ...biasedConv(`${name}.attn.sr`, [reduction, reduction, channels, channels]),
        ...layerNormSpecs(`${name}.attn.norm`, channels),
      ]
      : [],
    ...layerNormSpecs(`${name}.norm2`, channels),
    ...linearSpecs(`${name}.mlp.fc1`, channels, 4 * channels),
    ...biasedConv(`${name}.mlp.dwconv.dwconv`, [3, 3, 4 * channels, 1], true),
    ...linearSpecs(`${name}.mlp.fc2`, 4 * channels, channels),
  ];
}

/** How blocks run. */
export interface BlockRun {
  readonly params: Params;
  readonly context: ForwardContext;
  /** Whether its attention is wanted too. */
  readonly keepAttention: boolean;
}

const filterOf = (params: Params, name: string) =>
  params.get(`${name}.weight`) as tf.Tensor as tf.Tensor4D;

/**
 * Cuts a map into overlapping patches.
 *
 * @param embed which
 * @param x `[N,H,W,input]` float32; the caller's
 * @param how parameters
 * @returns `[N,H',W',output]`, normalised
 */
export function embedPatches(
  { name, kernel, stride }: PatchEmbed,
  x: tf.Tensor4D,
  { params }: Pick<BlockRun, "params">,
): tf.Tensor4D {
  return tf.tidy(() => {
    const module = `${name}.proj`, pad = (kernel - 1) / 2;
    const map = conv2d(x, filterOf(params, module), { stride, pad });
    const biased = addBias(map, params.get(`${module}.bias`));
    return layerNormalize(biased, params, `${name}.norm`, DEFAULT_EPSILON);
  });
}

/** `[N,h,w,C]` → `[N,1,h·w,C]`. */
const inRow = (x: tf.Tensor4D) =>
  tf.reshape<tf.Rank.R4>(x, [x.shape[0], 1, x.shape[1] * x.shape[2], x.shape[3]]);

/** Self-attention whose keys and values are those of larger patches. */
function attention(block: Block, x: tf.Tensor4D, params: Params): tf.Tensor4D {
  const { name, channels, heads, reduction } = block;
  const module = `${name}.attn`;
  return tf.tidy(() => {
    const normalised = layerNormalize(x, params, `${name}.norm1`);
    const queries = linear(inRow(normalised), params, `${module}.q`);
    let source = normalised;
    if (reduction > 1) {
      const options = { stride: reduction, pad: 0 };
      const reduced = conv2d(source, filterOf(params, `${module}.sr`), options);
      const biased = addBias(reduced, params.get(`${module}.sr.bias`));
      source = layerNormalize(biased, params, `${module}.norm`, DEFAULT_EPSILON);
    }
    const both = linear(inRow(source), params, `${module}.kv`);
    const half = (from: number) => tf.slice(both, [0, 0, 0, from], [-1, -1, -1, channels]);
    const read = attend(attentionWeights(queries, half(0), heads), half(channels));
    return tf.reshape(linear(read, params, `${module}.proj`), x.shape);
  });
}

/** The weights of self-attention whose keys and values are the pixels themselves. */
function weightsOf({ name, channels, heads }: Block, x: tf.Tensor4D, params: Params): tf.Tensor4D {
  return tf.tidy(() => {
    const source = inRow(layerNormalize(x, params, `${name}.norm1`));
    const keys = partOfLinear(source, params, `${name}.attn.kv`, 0, channels);
    return attentionWeights(linear(source, params, `${name}.attn.q`), keys, heads);
  });
}

/** What these weights read. */
function readBy(
  { name, channels }: Block,
  x: tf.Tensor4D,
  weights: tf.Tensor4D,
  params: Params,
): tf.Tensor4D {
  return tf.tidy(() => {
    const source = inRow(layerNormalize(x, params, `${name}.norm1`));
    const values = partOfLinear(source, params, `${name}.attn.kv`, channels, 2 * channels);
    return tf.reshape(linear(attend(weights, values), params, `${name}.attn.proj`), x.shape);
  });
}

/** fc2(gelu(dwconv(fc1(·)))): the 3x3 convolution in between is where positions come from. */
function perceptron({ name }: Block, x: tf.Tensor4D, params: Params): tf.Tensor4D {
  return tf.tidy(() => {
    const hidden = linear(layerNormalize(x, params, `${name}.norm2`), params, `${name}.mlp.fc1`);
    const module = `${name}.mlp.dwconv.dwconv`;
    const mixed = depthwiseConv2d(hidden, filterOf(params, module), { pad: 1 });
    return linear(gelu(addBias(mixed, params.get(`${module}.bias`))), params, `${name}.mlp.fc2`);
  });
}

/**
 * Runs a block: x + attention(norm1(x)), then the same with the perceptron. The residual sums stay outside of what is computed again,
 * and so does attention that others read.
 *
 * @param block which; one whose attention is wanted reduces nothing
 * @param x `[N,h,w,C]` float32; the caller's
 * @param how parameters, context, and whether attention is wanted
 * @returns `output` `[N,h,w,C]`, and `weights` `[N,heads,h·w,h·w]` of its attention
 */
export function runBlock(
  block: Block,
  x: tf.Tensor4D,
  { params, context, keepAttention }: BlockRun,
): { output: tf.Tensor4D; weights?: tf.Tensor4D } {
  const { name, rate } = block;
  const ofPart = (pattern: RegExp) =>
    blockSpecs(block).filter((spec) => pattern.test(spec.name.slice(name.length)))
      .map((spec) => params.get(spec.name));
  const inPart = (
    pattern: RegExp,
    compute: (...inputs: tf.Tensor4D[]) => tf.Tensor4D,
    ...inputs: tf.Tensor4D[]
  ) => runInBlock(context, (given) => compute(...given), { inputs, params: ofPart(pattern) });
  return tf.tidy(() => {
    const weights = keepAttention
      ? inPart(/^\.(norm1|attn\.(q|kv))\./, (x) => weightsOf(block, x, params), x)
      : undefined;
    const read = weights
      ? inPart(
        /^\.(norm1|attn\.(kv|proj))\./,
        (x, weights) => readBy(block, x, weights!, params),
        x,
        weights,
      )
      : inPart(/^\.(norm1|attn)\./, (x) => attention(block, x, params), x);
    const y = residualSum(dropPath(read, rate, context, `drop path ${name}.attn`), x);
    read.dispose();
    const thought = inPart(/^\.(norm2|mlp)\./, (y) => perceptron(block, y, params), y);
    const output = residualSum(dropPath(thought, rate, context, `drop path ${name}.mlp`), y);
    return { output, ...weights && { weights } };
  });
}

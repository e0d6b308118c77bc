import * as tf from "@tensorflow/tfjs";
import type { ForwardContext, Params, ParamSpec } from "seamstress";
import { attend, attentionWeights, dropPath, gelu, runInBlock } from "seamstress/ops";
import { layerNormalize, layerNormSpecs, linear, linearSpecs } from "seamstress/wsss";
import { partOfLinear } from "../part_of_linear.ts";
import { residualSum } from "../residual_sum.ts";

/** One transformer block. */
export interface Block {
  /** Such as `blocks.3`. */
  readonly name: string;
  readonly channels: number;
  readonly heads: number;
  /** Channels of the hidden layer. */
  readonly hidden: number;
  /** Share of samples whose branches are dropped in training. */
  readonly dropPath: number;
}

/**
 * Lists a block's parameters.
 *
 * @param block which
 * @returns the parameters it names, in timm's order
 */
export function blockSpecs({ name, channels, hidden }: Block): readonly ParamSpec[] {
  return [
    ...layerNormSpecs(`${name}.norm1`, channels),
    ...linearSpecs(`${name}.attn.qkv`, channels, 3 * channels),
    ...linearSpecs(`${name}.attn.proj`, channels, channels),
    ...layerNormSpecs(`${name}.norm2`, channels),
    ...linearSpecs(`${name}.mlp.fc1`, channels, hidden),
    ...linearSpecs(`${name}.mlp.fc2`, hidden, channels),
  ];
}

/** How {@linkcode runBlock} runs a block. */
export interface BlockRun {
  readonly params: Params;
  readonly context: ForwardContext;
  /** Whether its attention is wanted too. */
  readonly keepAttention: boolean;
}

/** One of the three parts of queries, keys and values. */
const third = (x: tf.Tensor4D, part: 0 | 1 | 2, parts: number) => {
  const width = x.shape[3] / parts;
  return tf.slice(x, [0, 0, 0, part * width], [-1, -1, -1, width]);
};

/** `proj` of what is read from the values by attention weights. */
const project = (weights: tf.Tensor4D, values: tf.Tensor4D, params: Params, name: string) =>
  linear(attend(weights, values), params, `${name}.attn.proj`);

/** Self-attention of the normalised tokens, and its weights where they are wanted. */
function attention(
  { name, channels, heads }: Block,
  x: tf.Tensor4D,
  { params, context, keepAttention }: BlockRun,
): { branch: tf.Tensor4D; weights?: tf.Tensor4D } {
  const parameters = (...modules: readonly string[]) =>
    modules.flatMap((module) => [`${name}.${module}.weight`, `${name}.${module}.bias`])
      .map((parameter) => params.get(parameter));
  const normalised = (x: tf.Tensor4D) => layerNormalize(x, params, `${name}.norm1`);
  if (!keepAttention) {
    const branch = runInBlock(context, ([x]) =>
      tf.tidy(() => {
        const qkv = linear(normalised(x!), params, `${name}.attn.qkv`);
        const weights = attentionWeights(third(qkv, 0, 3), third(qkv, 1, 3), heads);
        return project(weights, third(qkv, 2, 3), params, name);
      }), { inputs: [x], params: parameters("norm1", "attn.qkv", "attn.proj") });
    return { branch };
  }
  // Two parts, since what others read stays outside of a block that is computed again.
  const weights = runInBlock(context, ([x]) =>
    tf.tidy(() => {
      const qk = partOfLinear(normalised(x!), params, `${name}.attn.qkv`, 0, 2 * channels);
      return attentionWeights(third(qk, 0, 2), third(qk, 1, 2), heads);
    }), { inputs: [x], params: parameters("norm1", "attn.qkv") });
  const branch = runInBlock(context, ([x, weights]) =>
    tf.tidy(() => {
      const values = partOfLinear(
        normalised(x!),
        params,
        `${name}.attn.qkv`,
        2 * channels,
        3 * channels,
      );
      return project(weights!, values, params, name);
    }), { inputs: [x, weights], params: parameters("norm1", "attn.qkv", "attn.proj") });
  return { branch, weights };
}

/** fc2(gelu(fc1(·))) of the normalised tokens. */
function perceptron({ name }: Block, x: tf.Tensor4D, { params, context }: BlockRun): tf.Tensor4D {
  const names = ["norm2", "mlp.fc1", "mlp.fc2"]
    .flatMap((module) => [`${name}.${module}.weight`, `${name}.${module}.bias`]);
  return runInBlock(context, ([x]) =>
    tf.tidy(() => {
      const hidden = linear(layerNormalize(x!, params, `${name}.norm2`), params, `${name}.mlp.fc1`);
      return linear(gelu(hidden), params, `${name}.mlp.fc2`);
    }), { inputs: [x], params: names.map((parameter) => params.get(parameter)) });
}

/**
 * Runs a block: x + attention(norm1(x)), then the same with the perceptron. The residual sums stay outside of what is computed again.
 *
 * @param block which
 * @param x `[N,1,T,C]` float32; the caller's
 * @param how parameters, context, and whether attention is wanted
 * @returns `output` `[N,1,T,C]`, and `weights` `[N,heads,T,T]` of its attention
 */
export function runBlock(
  block: Block,
  x: tf.Tensor4D,
  how: BlockRun,
): { output: tf.Tensor4D; weights?: tf.Tensor4D } {
  const { name, dropPath: rate } = block, { context } = how;
  return tf.tidy(() => {
    const { branch, weights } = attention(block, x, how);
    const read = residualSum(dropPath(branch, rate, context, `drop path ${name}.attn`), x);
    branch.dispose();
    const thought = perceptron(block, read, how);
    const output = residualSum(dropPath(thought, rate, context, `drop path ${name}.mlp`), read);
    return { output, ...weights && { weights } };
  });
}

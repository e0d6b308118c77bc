import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import {
  type Backbone,
  definePlugin,
  type Params,
  type ParamSpec,
  type TapSpec,
  userError,
} from "seamstress";
import { addBias, conv2d } from "seamstress/ops";
import { biasSpec, convSpec, layerNormalize, layerNormSpecs } from "seamstress/wsss";
import { type Block, blockSpecs, runBlock } from "./vit/block.ts";
import { interpolatePositions } from "./vit/position_embedding.ts";

const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

const blockNumbers = z.array(z.int().min(0)).readonly();

const vitOptions = z.strictObject({
  patch: z.int().min(1).default(16).describe("side of a patch in pixels"),
  channels: z.int().min(1).default(384).describe("of a token: 192 tiny, 384 small, 768 base"),
  depth: z.int().min(1).default(12).describe("blocks"),
  heads: z.int().min(1).default(6).describe(
    "of attention; a divisor of channels: 3 tiny, 6 small, 12 base",
  ),
  mlpRatio: z.number().positive().default(4).describe("hidden channels of a block by its own"),
  imageSize: z.int().min(1).default(224).describe(
    "side of the square images that the position embeddings are for; those of other sizes are interpolated",
  ),
  antialias: z.boolean().default(true).describe(
    "bicubic interpolation of position embeddings as timm does since 0.9; false as timm before it, DINO and MCTformer",
  ),
  classTokens: z.enum(["one", "classes"]).default("one").describe(
    "one, or one for each class of the data set, as MCTformer: the pretrained one plus class_tokens, which start at random",
  ),
  attention: z.union([z.boolean(), blockNumbers]).default(false).describe(
    "whose attention is a tap, blocks.N.attn: [N,heads,T,T], large; of every block, of none, or of those listed, from 0",
  ),
  tokens: blockNumbers.default([]).describe(
    "blocks, from 0, whose tokens are a tap, blocks.N: [N,1,T,D], as the block gives them, not normalised",
  ),
  dropPath: z.number().min(0).lt(1).default(0).describe(
    "share of samples whose branches the last block drops in training, falling to 0 at the first; 0.1 in DeiT",
  ),
  mean: triple.default([0.485, 0.456, 0.406]).describe("subtracted from RGB in 0..1"),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly()
    .default([0.229, 0.224, 0.225]).describe(
      "divides what is left; mean and std are 0.5 for timm's augreg weights",
    ),
});

type Options = z.output<typeof vitOptions>;

function refuse(problem: string): never {
  throw userError(new RangeError(`Cannot make backbone vit: ${problem}`));
}

/** A parameter that is no layer's, in PyTorch's shape. */
const token = (
  name: string,
  shape: readonly number[],
  std: number,
  pretrained = true,
): ParamSpec => ({
  name,
  shape,
  layout: "token",
  role: "weight",
  trainable: true,
  pretrained,
  init: { kind: "truncated-normal", std },
});

/** Sides of the grid of position embeddings, checked against patch and heads. */
function gridOf({ patch, imageSize, channels, heads }: Options): number {
  if (channels % heads !== 0) {
    refuse(`${channels} channels do not divide into ${heads} heads`);
  }
  if (imageSize % patch !== 0) {
    refuse(`imageSize ${imageSize} is no multiple of patch ${patch}`);
  }
  return imageSize / patch;
}

/** Checks numbers of blocks, which a tap each is for. */
function checkBlocks(option: string, numbers: readonly number[], depth: number): void {
  const wrong = numbers.find((number, i) => number >= depth || numbers.indexOf(number) !== i);
  if (wrong === undefined) return;
  const last = depth - 1;
  refuse(
    wrong >= depth
      ? `${option} names block ${wrong}; its blocks are 0 to ${last}`
      : `${option} names block ${wrong} twice`,
  );
}

/** Class tokens with their position, `[N,1,K,D]`. */
function prefixOf(params: Params, samples: number, classTokens: Options["classTokens"]) {
  const position = tf.slice(params.get("pos_embed"), [0, 0, 0], [1, 1, -1]);
  const one = tf.add(params.get("cls_token"), position);
  const all = classTokens === "one" ? one : tf.add(one, params.get("class_tokens"));
  const [, count, channels] = all.shape as [number, number, number];
  return tf.tile(tf.reshape<tf.Rank.R4>(all, [1, 1, count, channels]), [samples, 1, 1, 1]);
}

/** Patches as tokens with their positions, behind the class tokens: `[N,1,T,D]`. */
function embed(image: tf.Tensor4D, params: Params, { patch, antialias, classTokens }: Options) {
  const [samples, height, width] = image.shape;
  if (height % patch !== 0 || width % patch !== 0) {
    throw userError(
      new RangeError(
        `Cannot cut an image of ${height}x${width} into patches of ${patch}x${patch}: use sides that are multiples of ${patch}`,
      ),
    );
  }
  return tf.tidy(() => {
    const filter = params.get("patch_embed.proj.weight") as tf.Tensor as tf.Tensor4D;
    const map = addBias(
      conv2d(image, filter, { stride: patch, pad: 0 }),
      params.get("patch_embed.proj.bias"),
    );
    const [, rows, columns, channels] = map.shape;
    const positions = tf.slice(params.get("pos_embed"), [0, 1, 0], [1, -1, -1]);
    const patches = tf.add<tf.Tensor4D>(
      tf.reshape(map, [samples, 1, rows * columns, channels]),
      interpolatePositions(positions, [rows, columns], antialias),
    );
    return tf.concat([prefixOf(params, samples, classTokens), patches], 2);
  });
}

/**
 * Vision transformer (Dosovitskiy et al., arXiv 2010.11929) with timm's names, as DeiT and DINO have it: pre-norm, class token, learnt
 * positions. Taps: `blocks.N.attn` and `blocks.N` where asked for, `tokens` behind the last normalisation, and `patches`, those of them
 * that have a place in the image, as a map.
 */
export const vit = definePlugin({
  kind: "backbone",
  name: "vit",
  summary: "vision transformer, any patch and image size, timm names: DeiT and DINO",
  options: vitOptions.describe(
    "Public weights that fit as they are: DINO's dino_deitsmall16_pretrain.pth, with patch: 8 dino_deitsmall8_pretrain.pth, with " +
      "channels: 768, heads: 12 dino_vitbase16_pretrain.pth and dino_vitbase8_pretrain.pth; with weights.allowExtra: [head.*] DeiT's " +
      "deit_small_patch16_224-cd65a155.pth, deit_base_patch16_224-b5f2ef4d.pth and, with channels: 192, heads: 3, " +
      "deit_tiny_patch16_224-a1311bcf.pth. With classTokens: classes, add weights.allowMissing: [class_tokens].",
  ),
  create(options, args): Backbone {
    const { patch, channels, depth, heads, mlpRatio, dropPath, mean, std } = options;
    const side = gridOf(options);
    const classes = options.classTokens === "one" ? undefined : args?.classes ??
      refuse("classTokens: classes needs a network whose classes are known");
    const prefix = classes ?? 1;
    const blocks = Array.from({ length: depth }, (_, i): Block => ({
      name: `blocks.${i}`,
      channels,
      heads,
      hidden: Math.round(channels * mlpRatio),
      dropPath: depth === 1 ? dropPath : dropPath * i / (depth - 1),
    }));
    const row = { stride: patch, prefix } as const;
    if (typeof options.attention !== "boolean") checkBlocks("attention", options.attention, depth);
    checkBlocks("tokens", options.tokens, depth);
    const attends = (i: number) =>
      typeof options.attention === "boolean" ? options.attention : options.attention.includes(i);
    const innerTaps = ({ name }: Block, i: number): TapSpec[] => [
      ...attends(i)
        ? [{ name: `${name}.attn`, kind: "attention" as const, channels: heads, ...row }]
        : [],
      ...options.tokens.includes(i) ? [{ name, kind: "tokens" as const, channels, ...row }] : [],
    ];
    return {
      taps: [
        ...blocks.flatMap(innerTaps),
        { name: "tokens", kind: "tokens", channels, ...row },
        { name: "patches", channels, stride: patch },
      ],
      params: [
        token("cls_token", [1, 1, channels], 0.02),
        token("pos_embed", [1, 1 + side * side, channels], 0.02),
        ...classes === undefined
          ? []
          : [token("class_tokens", [1, classes, channels], 0.02, false)],
        convSpec("patch_embed.proj.weight", [patch, patch, 3, channels], {
          init: { kind: "truncated-normal", std: 0.02 },
        }),
        biasSpec("patch_embed.proj.bias", channels),
        ...blocks.flatMap(blockSpecs),
        ...layerNormSpecs("norm", channels),
      ],
      input: { mean, std },
      card: { mean: mean.join(), std: std.join() },
      sideMultiple: patch,
      blocks: blocks.map(({ name }) => name),
      forward: (image, params, context) =>
        tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          let x = embed(image, params, options);
          let isTap = false;
          for (const [i, block] of blocks.entries()) {
            const how = { params, context, keepAttention: attends(i) };
            const { output, weights } = runBlock(block, x, how);
            if (!isTap) x.dispose();
            x = output;
            if (weights) taps[`${block.name}.attn`] = weights;
            isTap = options.tokens.includes(i);
            if (isTap) taps[block.name] = x;
          }
          const tokens = layerNormalize(x, params, "norm");
          if (!isTap) x.dispose();
          const [samples, height, width] = image.shape;
          const places = tf.slice(tokens, [0, 0, prefix, 0], [-1, -1, -1, -1]);
          taps["tokens"] = tokens;
          taps["patches"] = tf.reshape(places, [
            samples,
            height / patch,
            width / patch,
            channels,
          ]);
          return taps;
        }),
    };
  },
});

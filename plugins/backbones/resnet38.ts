import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import {
  type Backbone,
  definePlugin,
  type ForwardContext,
  inference,
  type Params,
} from "seamstress";
import { conv2d } from "seamstress/ops";
import { convSpec, type Norm, normalize, normOption, normSpecs } from "seamstress/wsss";
import { runFrozen } from "./frozen.ts";
import { basicBlock, type Block, blockSpecs, bottleneck, runBlock } from "./resnet38_blocks.ts";

/** Blocks whose pre-activated input is a tap. */
const TAPS: Readonly<Record<string, string>> = { b4: "conv3", b5: "conv4", b6: "conv5" };

/** What the blocks are made of. */
interface Build {
  /** Width of conv1a. */
  readonly width: number;
  /** The first thing that trains. */
  readonly trainFrom: "conv1a" | "b2" | "b3";
  /** Batch norm of what trains. */
  readonly norm: Norm;
  /** Rates of b6 and b7. */
  readonly dropout: readonly [number, number];
}

/** The blocks in order. psa, `network/resnet38d.py`. */
function blocks({ width: w, trainFrom, norm, dropout }: Build): readonly Block[] {
  const frozen = trainFrom === "b3" ? { trainable: false } : { norm };
  const b4 = Array.from(
    { length: 5 },
    (_, i) => basicBlock(`b4_${i + 1}`, [8 * w, 8 * w, 8 * w], { norm }),
  );
  return [
    basicBlock("b2", [w, 2 * w, 2 * w], { stride: 2, ...frozen }),
    basicBlock("b2_1", [2 * w, 2 * w, 2 * w], frozen),
    basicBlock("b2_2", [2 * w, 2 * w, 2 * w], frozen),
    basicBlock("b3", [2 * w, 4 * w, 4 * w], { stride: 2, norm }),
    basicBlock("b3_1", [4 * w, 4 * w, 4 * w], { norm }),
    basicBlock("b3_2", [4 * w, 4 * w, 4 * w], { norm }),
    basicBlock("b4", [4 * w, 8 * w, 8 * w], { stride: 2, norm }),
    ...b4,
    basicBlock("b5", [8 * w, 8 * w, 16 * w], { firstDilation: 1, dilation: 2, norm }),
    basicBlock("b5_1", [16 * w, 8 * w, 16 * w], { dilation: 2, norm }),
    basicBlock("b5_2", [16 * w, 8 * w, 16 * w], { dilation: 2, norm }),
    bottleneck("b6", [16 * w, 32 * w], { dilation: 4, norm, dropout: dropout[0] }),
    bottleneck("b7", [32 * w, 64 * w], { dilation: 4, norm, dropout: dropout[1] }),
  ];
}

function firstConv(image: tf.Tensor4D, params: Params): tf.Tensor4D {
  return conv2d(image, params.get("conv1a.weight") as tf.Tensor as tf.Tensor4D, { pad: 1 });
}

/** Runs conv1a and the frozen blocks. */
function frozenTrunk(
  image: tf.Tensor4D,
  frozen: readonly Block[],
  params: Params,
  context: ForwardContext,
): tf.Tensor4D {
  return runFrozen(context, () => {
    let x = firstConv(image, params);
    for (const block of frozen) x = runBlock(block, x, { params, context: inference }).output;
    return x;
  });
}

const rate = z.number().min(0).lt(1);

/**
 * ResNet38 of Wu et al., "Wider or Deeper" (arXiv 1611.10080), as psa and SEAM cut it: pre-activation, output stride 8. Unless
 * told otherwise batch norm, conv1a and the b2 blocks are frozen. Taps conv3, conv4, conv5 are relu(bn(x)) at the entry of b4, b5, b6; conv6
 * is relu(bn7(·)) of the last block.
 */
export const resnet38 = definePlugin({
  kind: "backbone",
  name: "resnet38",
  summary: "ResNet38 (wide, pre-activation), output stride 8, SEAM's backbone",
  options: z.strictObject({
    width: z.int().min(1).default(64).describe(
      "channels of conv1a; b2 to b7 have 2, 4, 8, 16, 32 and 64 times as many",
    ),
    trainFrom: z.enum(["conv1a", "b2", "b3"]).default("b3").describe(
      "what trains first: b3 for SEAM and AffinityNet, conv1a where their authors retrain",
    ),
    norm: normOption(0.0003),
    dropout: z.tuple([rate, rate]).readonly().default([0.3, 0.5]).describe(
      "share of channels dropped in b6 and in b7",
    ),
  }),
  create(options): Backbone {
    const { width: w, trainFrom, norm } = options;
    const all = blocks(options), first = trainFrom === "conv1a";
    const frozen = all.filter((block) => !block.trainable);
    const trained = all.filter((block) => block.trainable);
    return {
      taps: [
        { name: "conv3", channels: 4 * w, stride: 4 },
        { name: "conv4", channels: 8 * w, stride: 8 },
        { name: "conv5", channels: 16 * w, stride: 8 },
        { name: "conv6", channels: 64 * w, stride: 8 },
      ],
      params: [
        convSpec("conv1a.weight", [3, 3, 3, w], { trainable: first }),
        ...all.flatMap(blockSpecs),
        ...normSpecs("bn7", 64 * w, norm),
      ],
      input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      ...norm !== "frozen" && { statistics: norm.statistics },
      blocks: trained.map(({ name }) => name),
      forward: (image, params, context) =>
        tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          let x = first ? firstConv(image, params) : frozenTrunk(image, frozen, params, context);
          for (const block of trained) {
            const tap = TAPS[block.name];
            const { output, entry } = runBlock(block, x, {
              params,
              context,
              keepEntry: tap !== undefined,
              first: block === trained[0] && !first,
            });
            x = output;
            if (tap !== undefined && entry !== undefined) taps[tap] = entry;
          }
          taps["conv6"] = normalize(x, "bn7", "relu", { norm, params, context });
          return taps;
        }),
    };
  },
});

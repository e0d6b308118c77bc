import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { type Backbone, definePlugin, type TapSpec, userError } from "seamstress";
import { layerNormalize, layerNormSpecs } from "seamstress/wsss";
import {
  type Block,
  blockSpecs,
  embedPatches,
  type PatchEmbed,
  patchSpecs,
  runBlock,
} from "./mit/block.ts";

/** Width of each stage by that of the first, heads, and side of what becomes one key. Xie et al., table 6. */
const STAGES = [[1, 1, 8], [2, 2, 4], [5, 5, 2], [8, 8, 1]] as const;

/** With smaller ones the first stage's map has no 8x8 pixels, which become one key. */
const SMALLEST_SIDE = 29;

const depth = z.int().min(1);

const mitOptions = z.strictObject({
  outputStride: z.union([z.literal(16), z.literal(32)]).default(32).describe(
    "input pixels per pixel of stage4; at 16 its patches do not step, as in AFA and TSCD",
  ),
  width: z.int().min(2).multipleOf(2).default(64).describe(
    "channels of the first stage: 32 in b0, 64 in b1 to b5; the others have 2, 5 and 8 times as many",
  ),
  depths: z.tuple([depth, depth, depth, depth]).readonly().default([2, 2, 2, 2]).describe(
    "blocks of each stage: [2, 2, 2, 2] in b0 and b1, [3, 4, 6, 3] in b2",
  ),
  attention: z.boolean().default(false).describe(
    "whether the attention of stage4's blocks is a tap, block4.N.attn: [N,heads,T,T]; in the other stages larger patches are read",
  ),
  dropPath: z.number().min(0).lt(1).default(0).describe(
    "share of samples whose branches the last block drops in training, falling to 0 at the first; 0.1 in SegFormer",
  ),
});

/** A stage: patches, blocks, a norm. */
interface Stage {
  /** Of its norm and its tap: `1` to `4`. */
  readonly number: number;
  readonly embed: PatchEmbed;
  readonly blocks: readonly Block[];
  readonly outputStride: number;
}

function stages({ outputStride, width, depths, dropPath }: z.output<typeof mitOptions>): Stage[] {
  const last = depths.reduce((sum, count) => sum + count, 0) - 1;
  let input = 3, reached = 1, block = 0;
  return STAGES.map(([times, heads, reduction], i) => {
    const stride = i === 0 ? 4 : reached * 2 <= outputStride ? 2 : 1, number = i + 1;
    const channels = width * times;
    const embed: PatchEmbed = {
      name: `patch_embed${number}`,
      kernel: i === 0 ? 7 : 3,
      stride,
      input,
      output: channels,
    };
    input = channels;
    reached *= stride;
    const blocks = Array.from({ length: depths[i]! }, (_, k): Block => ({
      name: `block${number}.${k}`,
      channels,
      heads,
      reduction,
      rate: dropPath * block++ / last,
    }));
    return { number, embed, blocks, outputStride: reached };
  });
}

/** Blocks of a stage whose attention is a tap: those that read every pixel itself. */
const blocksWithAttention = ({ blocks }: Stage, attention: boolean): readonly Block[] =>
  blocks.filter(({ reduction }) => attention && reduction === 1);

/**
 * Mix transformer of SegFormer (Xie et al., arXiv 2105.15203), MiT-B1 unless told otherwise, with the names of its authors'
 * `mix_transformer.py`. Taps `stage1` to `stage4` are the maps that it gives, behind the norm of each stage; in front of the last, where
 * asked for, the attention of its blocks, as AFA (Ru et al., CVPR 2022) reads it.
 */
export const mit = definePlugin({
  kind: "backbone",
  name: "mit",
  summary: "SegFormer's mix transformer, MiT-B1 by default, output stride 16 or 32",
  options: mitOptions.describe(
    "Public weights that fit, with weights.allowExtra: [head.*]: SegFormer's mit_b1.pth; with width: 32 mit_b0.pth; with depths: " +
      "[3, 4, 6, 3] mit_b2.pth.",
  ),
  create(options): Backbone {
    const all = stages(options);
    return {
      taps: all.flatMap((stage): TapSpec[] => [
        ...blocksWithAttention(stage, options.attention).map(({ name, heads }) => ({
          name: `${name}.attn`,
          kind: "attention" as const,
          prefix: 0,
          channels: heads,
          stride: stage.outputStride,
        })),
        { name: `stage${stage.number}`, channels: stage.embed.output, stride: stage.outputStride },
      ]),
      params: [
        ...all.flatMap(({ embed }) => patchSpecs(embed)),
        ...all.flatMap(({ number, embed, blocks }) => [
          ...blocks.flatMap(blockSpecs),
          ...layerNormSpecs(`norm${number}`, embed.output),
        ]),
      ],
      input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      blocks: all.flatMap(({ blocks }) => blocks.map(({ name }) => name)),
      forward: (image, params, context) => {
        const [, height, width] = image.shape;
        if (Math.min(height, width) < SMALLEST_SIDE) {
          throw userError(
            new RangeError(
              `Cannot run backbone mit on an image of ${height}x${width}: sides must be at least ${SMALLEST_SIDE}`,
            ),
          );
        }
        return tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          let x = image;
          for (const stage of all) {
            const { number, embed, blocks } = stage;
            const kept = blocksWithAttention(stage, options.attention);
            x = embedPatches(embed, x, { params });
            for (const block of blocks) {
              const how = { params, context, keepAttention: kept.includes(block) };
              const { output, weights } = runBlock(block, x, how);
              x.dispose();
              x = output;
              if (weights) taps[`${block.name}.attn`] = weights;
            }
            const y = layerNormalize(x, params, `norm${number}`);
            x.dispose();
            x = taps[`stage${number}`] = y;
          }
          return taps;
        });
      },
    };
  },
});

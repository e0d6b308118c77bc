import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { type Backbone, definePlugin, inference } from "seamstress";
import { normOption, type NormRun } from "seamstress/wsss";
import { runFrozen } from "./frozen.ts";
import {
  type Block,
  blockSpecs,
  type ConvUnit,
  layers,
  type Layout,
  runBlock,
  runUnits,
  unitSpecs,
} from "./resnet_blocks.ts";

const TRAIN_FROM = ["conv1", "layer1", "layer2", "layer3", "layer4"] as const;

/** Options of the ResNets. */
const resnetOptions = z.strictObject({
  outputStride: z.union([z.literal(8), z.literal(16), z.literal(32)]).default(16).describe(
    "input pixels per pixel of layer4; below 32, late strides become dilation (torchvision's replace_stride_with_dilation)",
  ),
  dilate: z.boolean().default(true).describe(
    "whether layers that lose their stride dilate; false as in IRN's CAM network, which drops the stride of layer4 alone",
  ),
  trainFrom: z.enum(TRAIN_FROM).default("conv1").describe(
    "what trains first; IRN's CAM network starts at layer3",
  ),
  norm: normOption(0.1),
  width: z.int().min(1).default(64).describe("channels of conv1; public weights have 64"),
});

type Options = z.output<typeof resnetOptions>;

/** What runs before the first layer; max pooling follows. */
const stem = (width: number): ConvUnit => ({
  conv: "conv1",
  norm: "bn1",
  kernel: 7,
  input: 3,
  output: width,
  stride: 2,
  dilation: 1,
  activation: "relu",
});

function resnet(depths: Layout["depths"], options: Options): Backbone {
  const { outputStride, dilate, norm, width } = options;
  const trainFrom = TRAIN_FROM.indexOf(options.trainFrom);
  const first = stem(width);
  const all = layers({ depths, width, limit: outputStride, dilate, trainFrom });
  const blocks = all.flatMap((layer) => layer.blocks);
  const trained = blocks.filter(({ trainable }) => trainable);
  const isFirst = (block: Block) => trainFrom > 0 && block === trained[0];
  return {
    taps: [
      { name: "conv1", channels: width, stride: 2 },
      ...all.map(({ name, output, outputStride }) => ({
        name,
        channels: output,
        stride: outputStride,
      })),
    ],
    params: [
      ...unitSpecs([first], trainFrom === 0, norm),
      ...blocks.flatMap((block) => blockSpecs(block, norm)),
    ],
    input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ...norm !== "frozen" && { statistics: norm.statistics },
    blocks: [...trainFrom === 0 ? ["conv1"] : [], ...trained.map(({ name }) => name)],
    forward: (image, params, context) =>
      tf.tidy(() => {
        const taps: Record<string, tf.Tensor4D> = {};
        const how: NormRun = { norm, params, context };
        const frozen: NormRun = { norm: "frozen", params, context: inference };
        taps["conv1"] = trainFrom === 0
          ? runUnits([first], image, how, "constants")
          : runFrozen(context, () => runUnits([first], image, frozen));
        const pool = () => tf.maxPool(taps["conv1"]!, 3, 2, 1);
        let x = trainFrom === 0 ? pool() : runFrozen(context, pool);
        for (const layer of all) {
          for (const block of layer.blocks) {
            const y = block.trainable
              ? runBlock(block, x, how, isFirst(block) ? "constants" : "inputs")
              : runFrozen(context, () => runBlock(block, x, frozen));
            // Freed at once, unless it is a tap: inference keeps one layer in memory.
            if (!Object.values(taps).includes(x)) x.dispose();
            x = y;
          }
          taps[layer.name] = x;
        }
        return taps;
      }),
  };
}

/**
 * ResNet-50 (He et al., arXiv 1512.03385) with torchvision's names, stride in the 3x3 convolution of a block. Tap `conv1` is
 * relu(bn1(conv1)) before max pooling; `layer1` to `layer4` are what these modules give.
 */
export const resnet50 = definePlugin({
  kind: "backbone",
  name: "resnet50",
  summary: "ResNet-50, output stride 8, 16 or 32 by dilation, torchvision names",
  options: resnetOptions.describe(
    "Public weights that fit, with weights.allowExtra: [fc.*]: torchvision's resnet50-19c8e357.pth, resnet50-0676ba61.pth (IMAGENET1K_V1) " +
      "and resnet50-11ad3fa6.pth (IMAGENET1K_V2).",
  ),
  create: (options) => resnet([3, 4, 6, 3], options),
});

/** ResNet-101, as {@linkcode resnet50} but for 23 blocks in layer3. */
export const resnet101 = definePlugin({
  kind: "backbone",
  name: "resnet101",
  summary: "ResNet-101, output stride 8, 16 or 32 by dilation, torchvision names",
  options: resnetOptions.describe(
    "Public weights that fit, with weights.allowExtra: [fc.*]: torchvision's resnet101-5d3b4d8f.pth, resnet101-63fe2227.pth " +
      "(IMAGENET1K_V1) and resnet101-cd907fc2.pth (IMAGENET1K_V2).",
  ),
  create: (options) => resnet([3, 4, 23, 3], options),
});

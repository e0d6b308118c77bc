import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { type Backbone, definePlugin, inference, type ParamSpec, userError } from "seamstress";
import { addBias, conv2d, runInBlock } from "seamstress/ops";
import {
  biasSpec,
  convSpec,
  type Norm,
  normalize,
  normOption,
  type NormRun,
  normSpecs,
} from "seamstress/wsss";
import { biasRelu } from "./bias_relu.ts";
import { runFrozen } from "./frozen.ts";

/** A 3x3 convolution with bias, batch norm where the network has it, and ReLU. */
interface Conv {
  /** Such as `features.24`. */
  readonly name: string;
  /** Its batch norm's module, such as `features.35`. */
  readonly norm?: string;
  readonly input: number;
  readonly output: number;
  readonly dilation: number;
}

/** Convolutions of one resolution, and the max pooling in front of them. */
interface Stage {
  /** The field's name, such as `conv4`. */
  readonly name: string;
  /** Side of its window and its stride; 3 and 1 where the stride is left out. */
  readonly pool?: { readonly size: 2 | 3; readonly stride: 1 | 2 };
  readonly convs: readonly Conv[];
  /** Input pixels per pixel of its result. */
  readonly stride: number;
  readonly trainable: boolean;
}

/** Convolutions of each stage, and how many times as wide as the first they are. Simonyan & Zisserman, table 1, D. */
const STAGES = [[2, 1], [2, 2], [3, 4], [3, 8], [3, 8]] as const;
const NAMES = ["conv1", "conv2", "conv3", "conv4", "conv5"] as const;

/** Stages whose result is a tap. */
const TAPS: readonly string[] = ["conv3", "conv4", "conv5"];

const vggOptions = z.strictObject({
  batchNorm: z.boolean().default(false).describe(
    "vgg16_bn, with a batch norm behind every convolution",
  ),
  outputStride: z.union([z.literal(8), z.literal(16)]).default(8).describe(
    "input pixels per pixel of conv5: 8 pools in front of conv5 3x3 at stride 1 and dilates conv5 by 2, 16 leaves out the last pooling alone",
  ),
  trainFrom: z.enum(NAMES).default("conv1").describe("what trains first"),
  norm: normOption(0.1),
  width: z.int().min(1).default(64).describe("channels of conv1; public weights have 64"),
});

type Options = z.output<typeof vggOptions>;

/**
 * Lays out torchvision's `vgg16().features`. Modules are numbered as torchvision does, ReLU and pooling included. Output stride 8 is that
 * of OAA's `models/vgg.py` (configuration D1, of ACoL and others), 16 that of CAM (Zhou et al., CVPR 2016).
 */
function stages({ batchNorm, outputStride, trainFrom, width }: Options): readonly Stage[] {
  let module = 0, input = 3;
  return STAGES.map(([count, times], i): Stage => {
    const strided = i < 4 || outputStride === 16;
    const convs = Array.from({ length: count }, (): Conv => {
      const name = `features.${module}`, norm = `features.${module + 1}`;
      const conv = { name, input, output: width * times, dilation: strided ? 1 : 2 };
      input = conv.output;
      module += batchNorm ? 3 : 2;
      return batchNorm ? { ...conv, norm } : conv;
    });
    // The pooling behind it.
    module++;
    return {
      name: NAMES[i]!,
      ...i > 0 && { pool: strided ? { size: 2, stride: 2 } : { size: 3, stride: 1 } },
      convs,
      stride: strided ? 2 ** i : outputStride,
      trainable: i >= NAMES.indexOf(trainFrom),
    };
  });
}

function stageSpecs({ convs, trainable }: Stage, norms: Norm): readonly ParamSpec[] {
  return convs.flatMap(({ name, norm, input, output }): ParamSpec[] => [
    convSpec(`${name}.weight`, [3, 3, input, output], { trainable }),
    biasSpec(`${name}.bias`, output, { trainable }),
    ...norm === undefined ? [] : normSpecs(norm, output, trainable ? norms : "frozen"),
  ]);
}

/** Runs a stage as one block of the network; each array is freed at its last use. */
function runStage(
  stage: Stage,
  x: tf.Tensor4D,
  how: NormRun,
  from: "inputs" | "constants",
): tf.Tensor4D {
  const { params } = how;
  const run = (input: tf.Tensor4D, context: NormRun["context"]) => {
    const { pool, convs } = stage;
    let y = pool ? tf.maxPool(input, pool.size, pool.stride, pool.size === 3 ? 1 : 0) : input;
    for (const { name, norm, dilation } of convs) {
      const filter = params.get(`${name}.weight`) as tf.Tensor as tf.Tensor4D;
      const bias = params.get(`${name}.bias`);
      const convolved = conv2d(y, filter, { dilation, pad: dilation });
      if (y !== input) y.dispose();
      if (norm === undefined) {
        y = biasRelu(convolved, bias);
      } else {
        const biased = addBias(convolved, bias);
        y = normalize(biased, norm, "relu", { ...how, context });
        biased.dispose();
      }
      convolved.dispose();
    }
    return y;
  };
  const trained = stageSpecs(stage, how.norm).filter(({ trainable }) => trainable);
  return runInBlock(how.context, ([x], context) => run(x!, context), {
    [from]: [x],
    params: trained.map(({ name }) => params.get(name)),
  });
}

/**
 * VGG16 (Simonyan & Zisserman, arXiv 1409.1556) with torchvision's names, without its classifier and the last pooling. Taps `conv3`,
 * `conv4` and `conv5` are the last activations before pooling 3, 4 and 5, named as psa's `network/vgg16d.py` names them.
 */
export const vgg16 = definePlugin({
  kind: "backbone",
  name: "vgg16",
  summary: "VGG16 or vgg16_bn, output stride 8 or 16, torchvision names",
  options: vggOptions.describe(
    "Public weights that fit, with weights.allowExtra: [classifier.*]: torchvision's vgg16-397923af.pth; with batchNorm: true " +
      "vgg16_bn-6c64b313.pth.",
  ),
  create(options): Backbone {
    const { norm, batchNorm } = options;
    if (norm !== "frozen" && !batchNorm) {
      throw userError(
        new RangeError("Cannot train the batch norms of vgg16: norm needs batchNorm: true"),
      );
    }
    const all = stages(options);
    const first = all.find(({ trainable }) => trainable)!;
    return {
      taps: all.filter(({ name }) => TAPS.includes(name))
        .map(({ name, convs, stride }) => ({ name, channels: convs.at(-1)!.output, stride })),
      params: all.flatMap((stage) => stageSpecs(stage, norm)),
      input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      ...norm !== "frozen" && { statistics: norm.statistics },
      blocks: all.filter(({ trainable }) => trainable).map(({ name }) => name),
      forward: (image, params, context) =>
        tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          let x = image;
          for (const stage of all) {
            const how: NormRun = stage.trainable
              ? { norm, params, context }
              : { norm: "frozen", params, context: inference };
            const run = () => runStage(stage, x, how, stage === first ? "constants" : "inputs");
            const y = stage.trainable ? run() : runFrozen(context, run);
            if (x !== image && !Object.values(taps).includes(x)) x.dispose();
            if (TAPS.includes(stage.name)) taps[stage.name] = y;
            x = y;
          }
          return taps;
        }),
    };
  },
});

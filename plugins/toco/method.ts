import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import {
  definePlugin,
  type Method,
  type PlannedTraining,
  type StepContext,
  userError,
} from "seamstress";
import { withoutGradient } from "seamstress/ops";
import { contextOfPieces, output, PIXEL_ADAPTIVE } from "seamstress/wsss";
import { localCrops, regions, secondView } from "./crops.ts";
import { classTokens, followProjection, project, projectionSpecs } from "./projection.ts";
import { coloursOf, insidePhotograph, patchLabels, refinedMasks } from "./pseudo_labels.ts";
import { trainingCams } from "./training_cams.ts";

const share = z.number().min(0).max(1);
const positives = z.array(z.number().positive()).min(1).readonly();

const contrastOptions = z.strictObject({
  crops: z.int().min(1).default(8).describe("local crops of an image"),
  side: z.int().min(1).default(96).describe("of a local crop, in pixels; whole patches"),
  area: z.tuple([share, share]).readonly().default([0.4, 1]).describe(
    "least and most of the crop's area that the second view shows",
  ),
  momentum: z.number().min(0).lt(1).default(0.9).describe("part of the teacher that stays"),
  hidden: z.int().min(1).default(2048).describe("channels of the projection's hidden layers"),
  bottleneck: z.int().min(1).default(256).describe("channels in front of its last layer"),
  output: z.int().min(1).default(1024).describe("channels that it gives"),
});

const options = z.strictObject({
  scales: positives.default([1, 0.5, 1.5]).describe(
    "factors on the image's size at which CAMs are computed, each with its mirror image",
  ),
  high: share.default(0.7).describe("CAM above which a pixel is a class"),
  low: share.default(0.25).describe("CAM up to which a pixel is background"),
  reduce: z.number().min(1).default(2).describe("what images are reduced by for the refinement"),
  dilations: z.array(z.int().min(1)).min(1).readonly().default(PIXEL_ADAPTIVE.dilations)
    .describe("of the pixel-adaptive refinement (PAR)"),
  iterations: z.int().min(1).default(PIXEL_ADAPTIVE.iterations).describe("of the refinement"),
  contrast: z.union([z.literal(false), contrastOptions]).prefault({}).describe(
    "class-token contrast: crops and projection; false for none",
  ),
}).refine(({ high, low }) => low <= high, { path: ["low"], error: "low must be <= high" });

type Contrast = z.output<typeof contrastOptions>;

/** What the class-token contrast compares. */
function compared(
  image: tf.Tensor4D,
  own: tf.Tensor4D,
  region: () => tf.Tensor3D,
  { crops, side, area }: Contrast,
  { model, params, rng, firstRow, context }: StepContext,
): Record<"student" | "teacher" | "positive", tf.Tensor> {
  const samples = image.shape[0], channels = own.shape[3];
  const rngOf = (purpose: string) => (sample: number) => rng.child(purpose, firstRow + sample);
  const second = withoutGradient(() => secondView(image, area, rngOf("second view")));
  const local = localCrops(image, region(), { count: crops, side }, rngOf("local crops"));
  const ofSecond = classTokens(model, second, context(1));
  const ofLocal = classTokens(model, local.images, contextOfPieces(context(2), samples));
  const tokens = tf.concat([
    own,
    ofSecond,
    tf.transpose(tf.reshape(ofLocal, [crops, samples, 1, channels]), [1, 2, 0, 3]),
  ], 2) as tf.Tensor4D;
  const whole = tf.ones<tf.Rank.R2>([samples, 2]);
  return {
    student: project(tokens, params, "projection"),
    teacher: withoutGradient(() =>
      project(tf.slice(tokens, [0, 0, 0, 0], [-1, -1, 2, -1]), params, "teacher")
    ),
    positive: tf.concat([whole, local.positive], 1),
  };
}

/** Fails where crops are no whole patches, or no smaller than the image. */
async function checkCrops(training: PlannedTraining, { side }: Contrast): Promise<void> {
  const { width, height } = await training.inputSize();
  const stride = training.taps.at(-1)!.stride;
  const refuse = (problem: string) => {
    throw userError(
      new RangeError(`Cannot plan stage ${training.id}: local crops of side ${side} ${problem}`),
    );
  };
  if (side % stride !== 0) refuse(`are no whole patches of ${stride}`);
  if (side >= Math.min(width, height)) refuse(`do not fit into images of ${width}x${height}`);
}

/**
 * ToCo's step (Ru et al., "Token Contrast for Weakly-Supervised Semantic Segmentation", CVPR 2023; author code rulixiang/ToCo,
 * `scripts/dist_train_voc_seg_neg.py`): CAMs of the network as it is label patches, by the auxiliary classifier, and, refined by the
 * image, the pixels that its decoder learns from (target `mask`). Class tokens of a second view and of local crops are projected for
 * comparison with those of a projection that follows.
 */
export const tocoMethod = definePlugin({
  kind: "method",
  name: "toco",
  summary:
    "one stage: pseudo masks of the network's own CAMs, patch labels, and class tokens of crops",
  options,
  create({ contrast, scales, reduce, high, low, ...options }, args): Method {
    if (args === undefined) throw userError(new TypeError("Method toco works in a training alone"));
    const thresholds = { high, low };
    const refinement = { ...PIXEL_ADAPTIVE, ...options };
    return {
      provides: [
        ...["patch_labels", "colours", "inside"],
        ...contrast ? ["student", "teacher", "positive"] : [],
      ],
      needs: ["patch_cam", "patch_cam_aux", "features", "class_token", "segmentation"],
      ...contrast && {
        params: projectionSpecs(args.taps.at(-1)!.channels, contrast),
        check: (training) => checkCrops(training, contrast),
        begin: ({ params }) => followProjection(params, 0),
        afterStep: (_, { params }) => followProjection(params, contrast.momentum),
      },
      step({ image, targets }, training) {
        const { model } = training;
        const label = targets["label"] as tf.Tensor2D;
        const outputs = model.forward(image, training.context(0));
        const [, rows, columns] = output(outputs, "features").shape;
        const { cam, auxiliary } = trainingCams(model, image, label, scales);
        const inside = insidePhotograph(image);
        const colours = coloursOf(image, model.backbone.input);
        const mask = refinedMasks(
          { colours, cam, label, inside },
          { ...thresholds, reduce, refinement },
        );
        const own = output(outputs, "class_token");
        const region = () => regions(auxiliary, thresholds);
        return {
          targets: { ...targets, mask },
          views: [outputs],
          provided: {
            colours,
            inside,
            patch_labels: patchLabels(auxiliary, inside, [rows, columns], thresholds),
            ...contrast && compared(image, own, region, contrast, training),
          },
        };
      },
    };
  },
});

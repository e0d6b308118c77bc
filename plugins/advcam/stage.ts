import * as z from "zod";
import { definePlugin, plannedArtifact } from "seamstress";
import {
  ARTIFACTS,
  type CamInference,
  checkCamInference,
  estimateCamInference,
  inferCams,
  STORES,
} from "seamstress/wsss";
import { adversarialCam } from "./adversarial_cam.ts";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose checkpoint is run"),
  split: z.string().min(1).describe("Split of the data set to infer"),
  scales: z.array(z.number().positive()).min(1).default([0.5, 1, 1.5, 2])
    .describe("Factors on the image's size"),
  output: z.string().default("cam").describe("Head output that gives the CAMs"),
  iterations: z.int().min(1).default(27).describe(
    "CAMs that are added up a class and scale, the image's own the first; of scales below 1 half of more than 10, else at most 5",
  ),
  stepSize: z.number().positive().default(0.08).describe(
    "ξ: factor on the image's gradient, whose largest element is made 1; of the normalised image",
  ),
  regularize: z.number().min(0).default(7).describe(
    "λ: weight of what changes in regions that were found already; 0 for the authors' climb without it",
  ),
  threshold: z.number().min(0).lt(1).default(0.5).describe(
    "τ: part of a CAM's maximum above which a region counts as found",
  ),
  longSide: z.int().min(1).optional()
    .describe("Reduce larger images to this long side first; CAMs have that size"),
  store: z.enum(STORES).optional()
    .describe("How to keep CAMs: float16, compressed (where not given), or float32 as they are"),
});
type Options = z.output<typeof options>;

/** Image-level scores are those of the image that was not climbed: stage `infer` gives them. */
const SAVE = ["cams"] as const;

function inferenceOf(settings: Options): CamInference {
  const { scales, iterations, stepSize, regularize, threshold } = settings;
  return {
    ...settings,
    flip: true,
    save: SAVE,
    choose: () => settings.output,
    infer: async (model, image, label, output, backend) => ({
      cams: await adversarialCam(model, image, label, {
        output,
        scales,
        iterations,
        stepSize,
        regularize,
        threshold,
        ...backend && { afterScale: () => backend.purge() },
      }),
    }),
  };
}

/**
 * AdvCAM (Lee, Kim & Yoon, CVPR 2021; author code jbeomlee93/AdvCAM): infers CAMs as stage `infer` does, of images that are climbed up
 * the score of each of their classes. Defaults are the authors'.
 */
export const advcamStage = definePlugin({
  kind: "stage",
  name: "infer-advcam",
  summary: "climbs images up their classes' scores and adds up the CAMs on the way → CAMs",
  options,
  create(settings) {
    const inference = inferenceOf(settings);
    return {
      from: [settings.from],
      check: (plan) => checkCamInference(inference, plan),
      ranks: () => "any",
      shards: "images",
      gives: () => {
        const { split, longSide } = settings;
        return plannedArtifact(ARTIFACTS.cams, { split, keeps: SAVE, longSide });
      },
      estimate: (plan) => estimateCamInference(inference, plan),
      run: (context) => inferCams(inference, context),
    };
  },
});

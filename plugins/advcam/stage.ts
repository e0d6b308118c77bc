import * as z from "zod";
import { definePlugin } from "seamstress";
import { type CamInference, camStage, camStageOptions } from "seamstress/wsss";
import { adversarialCam } from "./adversarial_cam.ts";

const { from, split, scales, longSide, store } = camStageOptions;

const options = z.strictObject({
  from,
  split,
  scales,
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
  longSide,
  store,
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
  create: (settings) => camStage(inferenceOf(settings)),
});

import * as z from "zod";
import { definePlugin, plannedArtifact } from "seamstress";
import {
  ARTIFACTS,
  type CamInference,
  checkCamInference,
  estimateCamInference,
  inferCams,
  multiScaleCam,
  NORMALIZATIONS,
  STORES,
} from "seamstress/wsss";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose checkpoint is run"),
  split: z.string().min(1).describe("Split of the data set to infer"),
  scales: z.array(z.number().positive()).min(1).default([0.5, 1, 1.5, 2])
    .describe("Factors on the image's size"),
  flip: z.boolean().default(true).describe("Whether each scale's mirror image counts too"),
  output: z.string().optional()
    .describe("Head output that gives the CAMs; cam_rv where the head has it, else cam"),
  normalize: z.enum(NORMALIZATIONS).default("min-max").describe(
    "How each class's CAM is brought to 0..1: by its minimum and maximum, as SEAM's authors do, or by its maximum, as IRN's",
  ),
  longSide: z.int().min(1).optional()
    .describe("Reduce larger images to this long side first; CAMs have that size"),
  save: z.array(z.enum(["cams", "scores"])).min(1).default(["cams", "scores"])
    .describe("What to keep: CAMs of the labelled classes, image-level scores of all"),
  store: z.enum(STORES).optional()
    .describe("How to keep CAMs: float16, compressed (where not given), or float32 as they are"),
});
type Options = z.output<typeof options>;

function inferenceOf(settings: Options): CamInference {
  const { scales, flip, normalize } = settings;
  return {
    ...settings,
    choose: (outputs) => settings.output ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam"),
    infer: (model, image, label, output, backend) =>
      multiScaleCam(model, image, label, {
        scales,
        flip,
        output,
        normalize,
        scoresFrom: model.head.outputs.includes("cam") ? "cam" : output,
        ...backend && { afterScale: () => backend.purge() },
      }),
  };
}

/** Infers class activation maps and image-level scores; what `run: infer` names. */
export const inferStage = definePlugin({
  kind: "stage",
  name: "infer",
  summary: "runs a checkpoint at several scales, mirrored too → CAMs and scores of every image",
  options,
  create(settings) {
    const inference = inferenceOf(settings);
    return {
      from: [settings.from],
      check: (plan) => checkCamInference(inference, plan),
      ranks: () => "any",
      shards: "images",
      gives: () => {
        const { split, save, longSide } = settings;
        return plannedArtifact(ARTIFACTS.cams, { split, keeps: save, longSide });
      },
      estimate: (plan) => estimateCamInference(inference, plan),
      run: (context) => inferCams(inference, context),
    };
  },
});

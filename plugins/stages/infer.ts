import * as z from "zod";
import { definePlugin } from "seamstress";
import {
  type CamInference,
  camOutput,
  camStage,
  camStageOptions,
  multiScaleCam,
  NORMALIZATIONS,
} from "seamstress/wsss";

const { from, split, scales, longSide, store } = camStageOptions;

const options = z.strictObject({
  from,
  split,
  scales,
  flip: z.boolean().default(true).describe("Whether each scale's mirror image counts too"),
  output: z.string().optional()
    .describe("Head output that gives the CAMs; cam_rv where the head has it, else cam"),
  normalize: z.enum(NORMALIZATIONS).default("min-max").describe(
    "How each class's CAM is brought to 0..1: by its minimum and maximum, as SEAM's authors do, or by its maximum, as IRN's",
  ),
  longSide,
  save: z.array(z.enum(["cams", "scores"])).min(1).default(["cams", "scores"])
    .describe("What to keep: CAMs of the labelled classes, image-level scores of all"),
  store,
});
type Options = z.output<typeof options>;

function inferenceOf(settings: Options): CamInference {
  const { scales, flip, normalize } = settings;
  return {
    ...settings,
    choose: (outputs) => camOutput(outputs, settings.output),
    infer: (model, image, label, output, backend) =>
      multiScaleCam(model, image, label, {
        scales,
        flip,
        output,
        normalize,
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
  create: (settings) => camStage(inferenceOf(settings)),
});

import type { BackendInfo } from "../../../core/contracts/backend.ts";
import * as z from "zod";
import type {
  Stage,
  StageContext,
  StageEstimate,
  StagePlan,
} from "../../../core/contracts/stage.ts";
import {
  type FinishedArtifact,
  finishedArtifact,
  plannedArtifact,
} from "../../../core/contracts/artifact.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { userError, withAction } from "../../../core/errors.ts";
import { readAhead } from "../../formats/read_ahead.ts";
import {
  bytesPerValue,
  type Cams,
  hasCams,
  type Store,
  STORES,
  writeCams,
} from "../cams/cam_store.ts";
import { estimateImages } from "../inference/estimate_images.ts";
import { loadModel } from "../inference/loaded_model.ts";
import { reducedSize, reduceLongSide } from "../inference/reduce.ts";
import type { Model } from "../training/model.ts";
import { ARTIFACTS } from "./artifacts.ts";
import { ImageShare } from "./image_share.ts";
import { checkLabelled } from "./labelled.ts";
import { checkLearned } from "./learned_classes.ts";
import { pendingImages } from "./pending_images.ts";
import { plannedOutputs } from "./planned_outputs.ts";

/** Images under way: one is decoded while the one before it is computed. */
const DEPTH = 2;

/** Folder of the CAMs within the stage's. */
const CAMS = "cams";

/** Bytes of an image's file besides its numbers. */
const HEADER = 256;

/** Options that stages which infer CAMs have in common. */
export interface CamStageOptions {
  /** Earlier stage. */
  readonly from: z.ZodString;
  /** Of the data set. */
  readonly split: z.ZodString;
  /** Of each image. */
  readonly scales: z.ZodDefault<z.ZodArray<z.ZodNumber>>;
  /** Of an image, in pixels. */
  readonly longSide: z.ZodOptional<z.ZodInt>;
  /** Of the files. */
  readonly store: z.ZodOptional<z.ZodType<Store>>;
}

/** {@linkcode CamStageOptions}, for a stage's schema. */
export const camStageOptions: CamStageOptions = {
  from: z.string().min(1).describe("Earlier stage whose checkpoint is run"),
  split: z.string().min(1).describe("Split of the data set to infer"),
  scales: z.array(z.number().positive()).min(1).default([0.5, 1, 1.5, 2])
    .describe("Factors on the image's size"),
  longSide: z.int().min(1).optional()
    .describe("Reduce larger images to this long side first; CAMs have that size"),
  store: z.enum(STORES).optional()
    .describe("How to keep CAMs: float16, compressed (where not given), or float32 as they are"),
};

/** What a stage that infers CAMs is told. */
export interface CamInferenceSettings {
  /** Earlier stage whose checkpoint is run. */
  readonly from: string;
  /** Split of the data set. */
  readonly split: string;
  /** Factors on the image's size. */
  readonly scales: readonly number[];
  /** Whether each scale's mirror image counts too. */
  readonly flip: boolean;
  /** Long side that larger images are reduced to before. */
  readonly longSide?: number | undefined;
  /** What to keep. */
  readonly save: readonly ("cams" | "scores")[];
  /** How to keep CAMs. */
  readonly store?: Store | undefined;
}

/** A way to compute CAMs with a trained network. */
export interface CamInference extends CamInferenceSettings {
  /** Chooses the output that CAMs come from of those of the head. */
  choose(outputs: readonly string[]): string;
  /**
   * Computes CAMs of an image's classes, and image-level scores where they are to be kept.
   *
   * @param model the trained network
   * @param image RGB uint8
   * @param label `[C]` in {0,1}
   * @param output the one that was chosen
   * @param backend absent where only the cost is estimated
   */
  infer(
    model: Model,
    image: Raster,
    label: Float32Array,
    output: string,
    backend?: BackendInfo,
  ): Promise<{ readonly cams: Cams; readonly scores?: Float32Array }>;
}

/** The head output that CAMs come from. */
function chosenOutput(id: string, inference: CamInference, outputs: readonly string[]): string {
  const wanted = inference.choose(outputs);
  if (outputs.includes(wanted)) return wanted;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: stage "${inference.from}" has no output ${wanted}; its head gives ${
        outputs.join(", ")
      }`,
    ),
  );
}

/** Fails, before the run starts, where CAMs could not be inferred. @returns fingerprints of what is read */
async function checkCamInference(
  inference: CamInference,
  plan: StagePlan,
): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { from, split } = inference;
  const { facts } = await plan.earlier(from, ARTIFACTS.checkpoint);
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  const outputs = await plannedOutputs(facts, dataset.classes.length, factory);
  if (outputs) chosenOutput(id, inference, outputs);
  await dataset.check({ mask: false });
  checkLabelled(id, split, dataset);
  return [await dataset.fingerprint()];
}

/** Infers CAMs of every image of the split with the network of the earlier stage. */
async function inferCams(
  inference: CamInference,
  context: StageContext,
): Promise<FinishedArtifact> {
  const { id, factory, base, backend } = context;
  const { from, split, scales, flip, longSide, save, store } = inference;
  const checkpoint = context.artifact(from, ARTIFACTS.checkpoint);
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  using loaded = await loadModel(factory, checkpoint);
  const { model, classes } = loaded;
  checkLearned(id, from, classes, dataset.classes);
  const output = chosenOutput(id, inference, model.head.outputs);
  const folder = `${context.folder}/${CAMS}`;
  await Deno.mkdir(folder, { recursive: true });
  const total = dataset.length;
  const share = await ImageShare.open(
    context,
    total,
    () => pendingImages(dataset, (name) => hasCams(folder, name)),
  );
  const { indices } = share;
  const read = (at: number) => dataset.read(indices[at]!, { mask: false });
  for await (const { name, image, label } of readAhead(indices.length, DEPTH, read)) {
    const reduced = reduceLongSide(image, longSide);
    const { cams, scores } = await inference.infer(model, reduced, label, output, backend)
      .catch((error) => {
        throw withAction(`Cannot infer ${name}`, error);
      });
    await backend.check();
    const stored = {
      ...save.includes("cams") && { cams },
      ...save.includes("scores") && scores && { scores },
    };
    await writeCams(folder, name, stored, context.write, store);
    await share.finish();
  }
  await share.end();
  return finishedArtifact(ARTIFACTS.cams, {
    cams: CAMS,
    split,
    dataset: context.dataset,
    base,
    classes,
    output,
    checkpoint: from,
    images: total,
    scales,
    flip,
    longSide: longSide ?? null,
    save,
  }, { kind: "cams", path: `stages/${id}/${CAMS}` });
}

/** Estimates peak memory, work and files. */
function estimateCamInference(
  inference: CamInference,
  plan: StagePlan,
): Promise<StageEstimate> {
  const { from, split, longSide, save, store } = inference;
  return estimateImages({
    from,
    split,
    infer: (model, { image, label }) =>
      inference.infer(
        model,
        reduceLongSide(image, longSide),
        label,
        inference.choose(model.head.outputs),
      ),
    bytes: ({ image, label }) => {
      const { width, height } = reducedSize(image, longSide);
      const maps = label.reduce((sum, value) => sum + value, 0) * width * height;
      return HEADER + (save.includes("cams") ? bytesPerValue(store) * maps : 0) +
        (save.includes("scores") ? Float32Array.BYTES_PER_ELEMENT * label.length : 0);
    },
  }, plan);
}

/**
 * A stage that infers CAMs of every image of a split with a network that an earlier stage trained.
 *
 * @param inference the way to compute them
 * @returns the stage
 */
export function camStage(inference: CamInference): Stage {
  const { from, split, save, longSide } = inference;
  return {
    from: [from],
    check: (plan) => checkCamInference(inference, plan),
    ranks: () => "any",
    shards: "images",
    gives: () => plannedArtifact(ARTIFACTS.cams, { split, keeps: save, longSide }),
    estimate: (plan) => estimateCamInference(inference, plan),
    run: (context) => inferCams(inference, context),
  };
}

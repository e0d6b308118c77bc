import * as z from "zod";
import {
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  readAhead,
  type StageContext,
  type StagePlan,
  userError,
  withAction,
} from "seamstress";
import {
  ARTIFACTS,
  checkLearned,
  hasCams,
  ImageShare,
  loadModel,
  multiScaleCam,
  type MultiScaleOptions,
  pendingImages,
  plannedOutputs,
  reduceLongSide,
  STORES,
  writeCams,
} from "seamstress/wsss";
import { estimateInference } from "./infer/estimate.ts";
import { checkLabelled } from "./labelled.ts";

/** Images under way: one is decoded while the one before it is computed. */
const DEPTH = 2;

/** Folder of the CAMs within the stage's. */
const CAMS = "cams";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose checkpoint is run"),
  split: z.string().min(1).describe("Split of the data set to infer"),
  scales: z.array(z.number().positive()).min(1).default([0.5, 1, 1.5, 2])
    .describe("Factors on the image's size"),
  flip: z.boolean().default(true).describe("Whether each scale's mirror image counts too"),
  output: z.string().optional()
    .describe("Head output that gives the CAMs; cam_rv where the head has it, else cam"),
  longSide: z.int().min(1).optional()
    .describe("Reduce larger images to this long side first; CAMs have that size"),
  save: z.array(z.enum(["cams", "scores"])).min(1).default(["cams", "scores"])
    .describe("What to keep: CAMs of the labelled classes, image-level scores of all"),
  store: z.enum(STORES).optional()
    .describe("How to keep CAMs: float16, compressed (where not given), or float32 as they are"),
});
type Options = z.output<typeof options>;

/** The head output that CAMs come from. */
function chooseOutput(id: string, settings: Options, outputs: readonly string[]): string {
  const wanted = settings.output ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam");
  if (outputs.includes(wanted)) return wanted;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: stage "${settings.from}" has no output ${wanted}; its head gives ${
        outputs.join(", ")
      }`,
    ),
  );
}

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { facts } = await plan.earlier(settings.from, ARTIFACTS.checkpoint);
  const dataset = await factory.create("dataset", plan.dataset, { split: settings.split, base });
  const outputs = await plannedOutputs(facts, dataset.classes.length, factory);
  if (outputs) chooseOutput(id, settings, outputs);
  await dataset.check({ mask: false });
  checkLabelled(id, settings.split, dataset);
  return [await dataset.fingerprint()];
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, backend } = context;
  const checkpoint = context.artifact(settings.from, ARTIFACTS.checkpoint);
  const dataset = await factory.create("dataset", context.dataset, { split: settings.split, base });
  using loaded = await loadModel(factory, checkpoint);
  const { model, classes } = loaded;
  checkLearned(id, settings.from, classes, dataset.classes);
  const output = chooseOutput(id, settings, model.head.outputs);
  const multiScale: MultiScaleOptions = {
    scales: settings.scales,
    flip: settings.flip,
    output,
    scoresFrom: model.head.outputs.includes("cam") ? "cam" : output,
    afterScale: () => backend.purge(),
  };
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
    const reduced = reduceLongSide(image, settings.longSide);
    const { cams, scores } = await multiScaleCam(model, reduced, label, multiScale)
      .catch((error) => {
        throw withAction(`Cannot infer ${name}`, error);
      });
    await backend.check();
    const stored = {
      ...settings.save.includes("cams") && { cams },
      ...settings.save.includes("scores") && { scores },
    };
    await writeCams(folder, name, stored, context.write, settings.store);
    await share.finish();
  }
  await share.end();
  return finishedArtifact(ARTIFACTS.cams, {
    cams: CAMS,
    split: settings.split,
    dataset: context.dataset,
    base,
    classes,
    output,
    checkpoint: settings.from,
    images: total,
    scales: settings.scales,
    flip: settings.flip,
    longSide: settings.longSide ?? null,
    save: settings.save,
  }, { kind: "cams", path: `stages/${id}/${CAMS}` });
}

/** Infers class activation maps and image-level scores; what `run: infer` names. */
export const inferStage = definePlugin({
  kind: "stage",
  name: "infer",
  summary: "runs a checkpoint at several scales, mirrored too → CAMs and scores of every image",
  options,
  create: (settings) => ({
    from: [settings.from],
    check: (plan) => check(settings, plan),
    ranks: () => "any",
    shards: "images",
    gives: () => {
      const { split, save, longSide } = settings;
      return plannedArtifact(ARTIFACTS.cams, { split, keeps: save, longSide });
    },
    estimate: (plan) => estimateInference(settings, plan),
    run: (context) => run(settings, context),
  }),
});

import * as z from "zod";
import {
  definePlugin,
  finishedArtifact,
  oneAtATime,
  plannedArtifact,
  pluginOption,
  type Sample,
  type StageContext,
  type StageEstimate,
  type StagePlan,
  userError,
  withAction,
  writeMask,
} from "seamstress";
import {
  ARTIFACTS,
  checkBackground,
  checkLearned,
  choicesOf,
  estimateImages,
  forEachPendingImage,
  loadModel,
  makeLinks,
  MASK_BYTES,
  MASKS,
  optionsResumeIgnores,
  plannedOutputs,
  type RefinementLink,
  refineScores,
  stagesRead,
  strongestClass,
  UNTIMED,
} from "seamstress/wsss";
import { describeRefinements } from "./refine/describe.ts";
import { multiScaleScores, SEGMENTATION } from "./segment/multi_scale_scores.ts";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose checkpoint is run"),
  split: z.string().min(1)
    .describe("Split of the data set to segment; labels and masks are not needed"),
  scales: z.array(z.number().positive()).min(1).default([0.5, 0.75, 1, 1.25, 1.5, 1.75])
    .describe("Factors on the image's size"),
  flip: z.boolean().default(true).describe("Whether each scale's mirror image counts too"),
  average: z.enum(["logits", "probabilities"]).default("logits").describe(
    "What is averaged over the views: raw scores, as the authors do, or probabilities",
  ),
  refinements: z.array(pluginOption("refinement")).default([]).describe(
    "Applied in order to each image's probabilities; the authors' CRF at test for one",
  ),
});
type Options = z.output<typeof options>;

/** The split's images; a test split has no labels. */
function openSplit({ split }: Options, { factory, dataset, base }: StagePlan | StageContext) {
  return factory.create("dataset", dataset, { split, base, unlabelled: true });
}

function checkOutput(id: string, from: string, outputs: readonly string[]): void {
  if (outputs.includes(SEGMENTATION)) return;
  throw userError(
    new TypeError(
      `Cannot plan stage ${id}: stage "${from}" has no output ${SEGMENTATION}; its head gives ${
        outputs.join(", ")
      }; CAMs are for the stage infer`,
    ),
  );
}

async function check(settings: Options, links: readonly RefinementLink[], plan: StagePlan) {
  const { facts } = await plan.earlier(settings.from, ARTIFACTS.checkpoint);
  const dataset = await openSplit(settings, plan);
  const outputs = await plannedOutputs(facts, dataset.classes.length, plan.factory);
  if (outputs) checkOutput(plan.id, settings.from, outputs);
  checkBackground(plan.id, links, true);
  for (const { refinement } of links) await refinement.check?.(plan);
  await dataset.check({ mask: false });
  return [await dataset.fingerprint()];
}

async function estimate(settings: Options, plan: StagePlan): Promise<StageEstimate> {
  const { from, split, scales, flip, average, refinements } = settings;
  const network = await estimateImages({
    from,
    split,
    unlabelled: true,
    infer: (model, { image }) => multiScaleScores(model, image, { scales, flip, average }),
    bytes: ({ image: { width, height } }) => width * height * MASK_BYTES,
  }, plan);
  if (refinements.length === 0) return network;
  // Half of a time would pass for the whole.
  const { work: _, notes = [], ...rest } = network;
  return { ...rest, notes: [...notes, UNTIMED] };
}

async function run(settings: Options, links: readonly RefinementLink[], context: StageContext) {
  const { id, factory, base, backend } = context;
  const { scales, flip, average } = settings;
  const dataset = await openSplit(settings, context);
  using loaded = await loadModel(factory, context.artifact(settings.from, ARTIFACTS.checkpoint));
  const { model, classes } = loaded;
  checkLearned(id, settings.from, classes, dataset.classes);
  checkOutput(id, settings.from, model.head.outputs);
  const labels = [0, ...classes.map((_, c) => 1 + c)];
  const onDevice = oneAtATime();
  const infer = async ({ image }: Sample) => {
    const afterScale = () => backend.purge();
    const scores = await multiScaleScores(model, image, { scales, flip, average, afterScale });
    await backend.check();
    return { ...scores, classes: labels };
  };
  // The network takes one image after the other; meanwhile others are decoded, refined and written.
  await forEachPendingImage(context, dataset, links, async (index, masks) => {
    const name = dataset.name(index);
    try {
      const sample = await dataset.read(index, { mask: false });
      const scores = await onDevice(() => infer(sample));
      const refined = await refineScores(links, scores, sample.image);
      await writeMask(masks, name, strongestClass(refined), context.write);
    } catch (error) {
      throw withAction(`Cannot segment ${name}`, error);
    }
  });
  const choices = choicesOf(links);
  return finishedArtifact(ARTIFACTS.masks, {
    masks: MASKS,
    split: settings.split,
    dataset: context.dataset,
    base,
    classes,
    output: SEGMENTATION,
    checkpoint: settings.from,
    images: dataset.length,
    scales,
    flip,
    average,
    refinements: settings.refinements,
    how: [
      `scales ${scales.join(", ")}${flip ? ", mirrored too" : ""}`,
      describeRefinements(settings.refinements),
    ].filter(Boolean).join("; "),
    ...choices.length > 0 && { choices },
  }, { kind: "masks", path: `stages/${id}/${MASKS}` });
}

/** Segments images by a trained network; what `run: segment` names. */
export const segmentStage = definePlugin({
  kind: "stage",
  name: "segment",
  summary: "runs a segmentation network at several scales, mirrored too → masks of every image",
  options,
  async create(settings, _args, factory) {
    const links = await makeLinks(settings.refinements, factory);
    return {
      from: stagesRead(settings.from, links),
      resumeIgnores: optionsResumeIgnores(links),
      check: (plan) => check(settings, links, plan),
      ranks: () => "any",
      shards: "images",
      gives: () => plannedArtifact(ARTIFACTS.masks, { split: settings.split, keeps: ["mask"] }),
      estimate: (plan) => estimate(settings, plan),
      run: (context) => run(settings, links, context),
    };
  },
});

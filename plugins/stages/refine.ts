import * as z from "zod";
import {
  checkFiles,
  type Dataset,
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  pluginOption,
  type StageContext,
  type StagePlan,
  withAction,
  type WriteFile,
  writeMask,
} from "seamstress";
import {
  ARTIFACTS,
  checkBackground,
  checkImages,
  checkScores,
  choicesOf,
  CLASS_SCORES,
  estimateMasks,
  forEachPendingImage,
  makeLinks,
  MASKS,
  optionsResumeIgnores,
  reduceLongSide,
  type RefinementLink,
  refineScores,
  resizeScores,
  SCORE_STORES,
  scoresOf,
  type ScoreSource,
  strongestClass,
  writeScores,
} from "seamstress/wsss";
import { checkClasses, checkSize } from "./refine/check_scores.ts";
import { describeRefinements } from "./refine/describe.ts";

/** Folder of the scores within the stage's. */
const SCORES = "scores";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose CAMs, or kept scores, are refined"),
  split: z.string().min(1).optional()
    .describe("Split to refine, within that stage's; that one where not given"),
  refinements: z.array(pluginOption("refinement")).describe(
    "Applied in order to each image's scores",
  ),
  keepScores: z.boolean().default(false).describe(
    "Whether to keep the scores beside the masks, for stages that read them",
  ),
  store: z.enum(SCORE_STORES).optional().describe(
    "How to keep scores: float16, compressed (where not given), float32 as they are, or npy: class number → float32 map, as the " +
      "SEAM authors' infer_SEAM.py --out_crf",
  ),
});
type Options = z.output<typeof options>;

/** What is known of the scores; the split is the one that is refined. */
async function earlierScores({ from, split }: Options, plan: StagePlan) {
  const { facts } = await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  return { split: split ?? facts.split, longSide: facts.longSide };
}

async function check(settings: Options, links: readonly RefinementLink[], plan: StagePlan) {
  const { id, factory, base } = plan;
  checkBackground(id, links, await checkScores(plan, settings.from, false));
  for (const { refinement } of links) await refinement.check?.(plan);
  const { split } = await earlierScores(settings, plan);
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  await checkImages(plan, settings.from, dataset, split);
  await dataset.check({ mask: false });
  return [await dataset.fingerprint()];
}

/** Refines one image and writes what is kept of it, the mask last. */
async function refineImage(
  index: number,
  settings: Options,
  { links, source, dataset, folder, masks, write }: {
    readonly links: readonly RefinementLink[];
    readonly source: ScoreSource;
    readonly dataset: Dataset;
    readonly folder: string;
    readonly masks: string;
    readonly write: WriteFile;
  },
): Promise<void> {
  const name = dataset.name(index);
  const [scores, { image }] = await Promise.all([
    source.read(name),
    dataset.read(index, { mask: false }),
  ]);
  try {
    const reduced = reduceLongSide(image, source.longSide);
    checkSize(settings.from, scores, reduced, image);
    const refined = await refineScores(links, scores, reduced);
    if (settings.keepScores) {
      await writeScores(`${folder}/${SCORES}`, name, refined, write, settings.store);
    }
    // Masks are of the image itself, as those of the data set are.
    await writeMask(masks, name, strongestClass(await resizeScores(refined, image)), write);
  } catch (error) {
    throw withAction(`Cannot refine ${name}`, error);
  }
}

async function run(settings: Options, links: readonly RefinementLink[], context: StageContext) {
  const { id, factory, base, folder, write } = context;
  const source = scoresOf(context, settings.from);
  const split = settings.split ?? source.split;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  checkClasses(id, settings.from, source.classes, dataset.classes);
  await checkFiles("scores", source.folder, dataset, source.fileOf);
  if (settings.keepScores) await Deno.mkdir(`${folder}/${SCORES}`, { recursive: true });
  await forEachPendingImage(
    context,
    dataset,
    links,
    (index, masks) =>
      refineImage(index, settings, { links, source, dataset, folder, masks, write }),
  );
  const choices = [...source.choices, ...choicesOf(links)];
  return finishedArtifact(ARTIFACTS.masks, {
    masks: MASKS,
    ...settings.keepScores && { scores: SCORES },
    split,
    dataset: context.dataset,
    base,
    classes: dataset.classes,
    images: dataset.length,
    longSide: source.longSide ?? null,
    how: [...source.how, describeRefinements(settings.refinements)].filter(Boolean).join(", "),
    ...choices.length > 0 && { choices },
  }, { kind: "masks", path: `stages/${id}/${MASKS}` });
}

/** Refines class scores and makes masks of them; what `run: refine` names. */
export const refineStage = definePlugin({
  kind: "stage",
  name: "refine",
  summary: "applies refinements to CAMs or kept scores → masks of every image",
  options,
  async create(settings, _args, factory) {
    const links = await makeLinks(settings.refinements, factory);
    return {
      from: [
        ...new Set([settings.from, ...links.flatMap(({ refinement }) => refinement.from ?? [])]),
      ],
      resumeIgnores: optionsResumeIgnores(links),
      check: (plan) => check(settings, links, plan),
      ranks: () => "any",
      shards: "images",
      gives: async (plan) =>
        plannedArtifact(ARTIFACTS.masks, {
          ...await earlierScores(settings, plan),
          keeps: settings.keepScores ? ["mask", CLASS_SCORES] : ["mask"],
          toKeepScores: settings.keepScores ? undefined : "keepScores: true",
        }),
      estimate: (plan) => estimateMasks(plan, settings.from, settings),
      run: (context) => run(settings, links, context),
    };
  },
});

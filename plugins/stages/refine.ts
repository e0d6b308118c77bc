import * as z from "zod";
import {
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  pluginOption,
  type StageContext,
  type WriteFile,
  writeMask,
} from "seamstress";
import {
  ARTIFACTS,
  choicesOf,
  CLASS_SCORES,
  estimateMasks,
  forEachPendingImage,
  makeLinks,
  MASKS,
  optionsResumeIgnores,
  type RefinementLink,
  refineScores,
  resizeScores,
  SCORE_STORES,
  stagesRead,
  strongestClass,
  writeScores,
} from "seamstress/wsss";
import { describeRefinements } from "./refine/describe.ts";
import {
  checkRefining,
  earlierScores,
  openScores,
  refineImage,
  type ScoredImage,
} from "./refine/scored_images.ts";

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

/** Refines one image and writes what is kept of it, the mask last. */
async function writeRefined(
  { scores, reduced, sample: { name, image } }: ScoredImage,
  settings: Options,
  { links, folder, masks, write }: {
    readonly links: readonly RefinementLink[];
    readonly folder: string;
    readonly masks: string;
    readonly write: WriteFile;
  },
): Promise<void> {
  const refined = await refineScores(links, scores, reduced);
  if (settings.keepScores) {
    await writeScores(`${folder}/${SCORES}`, name, refined, write, settings.store);
  }
  // Masks are of the image itself, as those of the data set are.
  await writeMask(masks, name, strongestClass(await resizeScores(refined, image)), write);
}

async function run(settings: Options, links: readonly RefinementLink[], context: StageContext) {
  const { id, base, folder, write } = context;
  const images = await openScores(settings, context);
  const { source, split, dataset } = images;
  if (settings.keepScores) await Deno.mkdir(`${folder}/${SCORES}`, { recursive: true });
  await forEachPendingImage(
    context,
    dataset,
    links,
    (index, masks) =>
      refineImage(
        index,
        images,
        { mask: false },
        (image) => writeRefined(image, settings, { links, folder, masks, write }),
      ),
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
      from: stagesRead(settings.from, links),
      resumeIgnores: optionsResumeIgnores(links),
      check: (plan) => checkRefining(settings, [links], plan, { mask: false }),
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

import * as z from "zod";
import {
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  pluginOption,
  type StageContext,
} from "seamstress";
import {
  ARTIFACTS,
  noteRemarks,
  optionsResumeIgnores,
  RESULT,
  type Result,
  stagesRead,
  UNTIMED,
} from "seamstress/wsss";
import { choiceTable, type TrialScore, trialsCsv } from "./choose/choice_table.ts";
import { linksOf, makeTrials, optionFault, type Trial, withValues } from "./choose/trials.ts";
import { tryImages } from "./choose/try_images.ts";
import { mergeRanks } from "./evaluate/merge_ranks.ts";
import { writeResult } from "./evaluate/write_table.ts";
import { describeRefinements } from "./refine/describe.ts";
import { checkRefining, earlierScores, openScores } from "./refine/scored_images.ts";

/** File of all trials within the stage's folder. */
const TRIALS = "trials.csv";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose CAMs, or kept scores, are refined"),
  split: z.string().min(1).optional().describe(
    "Split to choose on, within that stage's; that one where not given; its masks are read",
  ),
  refinements: z.array(pluginOption("refinement")).min(1).describe(
    "Applied in order to each image's scores",
  ),
  values: z.record(z.string(), z.array(z.number()).min(1)).describe(
    "Numbers to try by option, such as power-background.power: [2, 3, 4]; every combination is tried",
  ),
  maskScale: z.number().positive().max(1).default(1)
    .describe("Evaluated size over the mask's; masks are resized by nearest neighbour"),
}).superRefine(({ refinements, values }, refuse) => {
  const chain = refinements.map(({ use }) => use);
  if (Object.keys(values).length === 0) {
    refuse.addIssue({ code: "custom", path: ["values"], message: "expected at least one option" });
  }
  for (const option of Object.keys(values)) {
    const message = optionFault(option, chain);
    if (message !== undefined) {
      refuse.addIssue({ code: "custom", path: ["values", option], message });
    }
  }
});
type Options = z.output<typeof options>;

async function run(settings: Options, trials: readonly Trial[], context: StageContext) {
  const { id, factory, folder, group, write } = context;
  const images = await openScores(settings, context);
  const { source, split, dataset } = images;
  const metric = await factory.create(
    "metric",
    { use: "miou", predictions: "masks" },
    undefined,
  );
  const scores = trials.map(() => metric.start(dataset.classes));
  await noteRemarks(dataset, true, context);
  const { from, maskScale } = settings;
  await tryImages(context, images, { trials, maskScale, scores });
  const about: Result["about"] = {
    stage: id,
    from,
    checkpoint: from,
    output: from,
    split,
    images: dataset.length,
    maskScale,
  };
  const info = { table: RESULT, ...about };
  // Rank 0 alone writes the table.
  if (!await mergeRanks(group, scores)) return finishedArtifact(ARTIFACTS.table, info);
  const found = trials.map(({ values }, i): TrialScore => ({ values, table: scores[i]!.table() }));
  const chosen = choiceTable(found, `${id}: ${from} on ${split}, ${dataset.length} images`);
  const best = withValues(settings.refinements, chosen.values);
  const how = [...source.how, describeRefinements(best)].filter(Boolean).join(", ");
  const table = { ...chosen.table, note: `${chosen.table.note}; made by ${how}` };
  await write(`${folder}/${TRIALS}`, trialsCsv(found));
  await writeResult(folder, { table, about }, write);
  return finishedArtifact(ARTIFACTS.table, info, {
    kind: "table",
    path: `stages/${id}/${RESULT}`,
    table,
  });
}

/** Chooses numbers of refinements by the true masks of some images; what `run: choose` names. */
export const chooseStage = definePlugin({
  kind: "stage",
  name: "choose",
  summary: "tries refinements with several values → those whose masks have the highest mIoU",
  options,
  async create(settings, _args, factory) {
    const trials = await makeTrials(settings.refinements, settings.values, factory);
    return {
      from: stagesRead(settings.from, linksOf(trials)),
      resumeIgnores: optionsResumeIgnores(trials[0]!.links),
      check: (plan) => {
        const chains = trials.map(({ links }) => links);
        return checkRefining(settings, chains, plan, { mask: true });
      },
      ranks: () => "any",
      shards: "last",
      gives: () =>
        plannedArtifact(ARTIFACTS.table, {
          threshold: false,
          choices: Object.keys(settings.values),
        }),
      estimate: async (plan) => {
        const { split } = await earlierScores(settings, plan);
        const args = { split, base: plan.base };
        const { length } = await plan.factory.create("dataset", plan.dataset, args);
        return { reads: split, images: length, notes: [UNTIMED] };
      },
      run: (context) => run(settings, trials, context),
    };
  },
});

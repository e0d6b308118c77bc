import * as z from "zod";
import { definePlugin, didYouMean, type PluginFactory, userError, writeAtomic } from "seamstress";
import { collectSheet } from "./report/collect_sheet.ts";
import { compareResults } from "./report/comparison.ts";
import { renderPage } from "./report/page.ts";
import { isRun, readRun } from "./report/read_run.ts";
import { collectTrainingSheets } from "./report/training_sheets.ts";

const stageIds = z.array(z.string().min(1)).min(1).optional();

const options = z.strictObject({
  compare: stageIds
    .describe("Evaluations with mIoU, the baseline first; all where not given"),
  multilabel: stageIds
    .describe("Evaluations with mAP, matched to scores by checkpoint; all where not given"),
  minMap: z.number().min(0).max(1).default(0.9)
    .describe("Classification mAP, as a fraction, below which a score is no result"),
  sheet: z.strictObject({
    cams: stageIds.describe("Stages whose CAMs are shown; all where not given"),
    masks: stageIds.describe(
      "Stages whose masks are shown; those that were scored on the same images where not given",
    ),
    images: z.int().min(0).max(200).default(12).describe("Images, spread evenly over the split"),
  }).prefault({}).describe("Pictures to look at"),
});

/** Options of the report, as a recipe sets them. */
export type ReportOptions = z.output<typeof options>;

/**
 * Renders the report of a run from its folder alone; pictures are read from the run's data set.
 *
 * @param folder the run folder
 * @param options of the report
 * @param factory opens the data set
 * @param leftOut ids of stages whose results are from other settings than this run's
 * @returns a whole HTML document
 */
export async function renderReport(
  folder: string,
  options: ReportOptions,
  factory: PluginFactory,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<string> {
  const run = await readRun(folder, leftOut);
  return renderPage({
    run,
    rows: compareResults(run.results, options),
    minMap: options.minMap,
    sheet: await collectSheet(run, options.sheet, factory),
    trainings: await collectTrainingSheets(run, options.sheet, factory),
  });
}

/** Fails before the run's work where the report names a stage that the recipe does not have. */
function checkStages({ compare, multilabel, sheet }: ReportOptions, stages: readonly string[]) {
  const named = { compare, multilabel, "sheet.cams": sheet.cams, "sheet.masks": sheet.masks };
  for (const [option, ids] of Object.entries(named)) {
    for (const id of ids ?? []) {
      if (stages.includes(id)) continue;
      throw userError(
        new RangeError(
          `Cannot write the report: its ${option} names "${id}", which is no stage${
            didYouMean(id, stages)
          }; stages: ${stages.join(", ")}`,
        ),
      );
    }
  }
}

/** Writes `report.html` into the run folder after every stage that was done, and when the run ends. */
export const reportObserver = definePlugin({
  kind: "observer",
  name: "report",
  summary: "report.html: scores with mAP beside mIoU, loss curves, pictures; one file",
  options,
  create(options, { folder }, factory) {
    // Stages outside of --from, --until and --only are unfinished, or computed from sources that have changed since.
    const leftOut = new Set<string>();
    // Stages that the run has not come to: what they left earlier may be of other settings.
    const ahead = new Set<string>();
    const write = async () => {
      const page = await renderReport(folder, options, factory, new Set([...leftOut, ...ahead]));
      await writeAtomic(`${folder}/report.html`, page);
    };
    return {
      check({ stages }) {
        checkStages(options, stages);
        stages.forEach((stage) => ahead.add(stage));
      },
      async stage({ stage, state }) {
        if (state === "left out") leftOut.add(stage);
        if (state !== "finished" && state !== "skipped") return;
        ahead.delete(stage);
        // The end writes it once more behind the last stage, with the log's last line.
        if (state === "finished" && ahead.size > 0 && await isRun(folder)) await write();
      },
      async end() {
        ahead.clear();
        await write();
      },
    };
  },
});

import {
  type Dataset,
  definePlugin,
  finishedArtifact,
  type Metric,
  plannedArtifact,
  type Raster,
  readAhead,
  resolvePath,
  type StageContext,
} from "seamstress";
import {
  ARTIFACTS,
  choiceNotes,
  type EvaluationOptions as Options,
  evaluationOptions as options,
  ImageShare,
  makeMetrics,
  needsMask,
  noteRemarks,
  RESULT,
  type Result,
  scoredName,
  thresholdOf,
} from "seamstress/wsss";
import { checkEvaluation, splitOf } from "./evaluate/check.ts";
import { joinTables } from "./evaluate/join_tables.ts";
import { MaskClasses } from "./evaluate/mask_classes.ts";
import { mergeRanks } from "./evaluate/merge_ranks.ts";
import { predict } from "./evaluate/predict.ts";
import { maskFolder, type Predictions, predictionsOf } from "./evaluate/predictions.ts";
import { writeResult } from "./evaluate/write_table.ts";

/** Images whose files are read while one is scored. */
const AHEAD = 4;

/** Describes how predictions and masks were resized to one size. */
function sizeNote({ maskScale }: Options, { longSide }: Predictions): string {
  if (maskScale === 1 && longSide === undefined) return "";
  const size = maskScale === 1 ? "the mask's size" : `${maskScale} of the mask's size`;
  return `; scored at ${size}, CAMs of another size resized bilinearly`;
}

/** Labels and, where pixels are scored, the mask; the image is not decoded where that can be spared. */
async function readTruth(
  dataset: Dataset,
  index: number,
  mask: boolean,
): Promise<{ readonly label: Float32Array; readonly mask?: Raster }> {
  if (!mask) return { label: dataset.label(index) };
  if (!dataset.readMask) return await dataset.read(index, { mask });
  return { label: dataset.label(index), mask: await dataset.readMask(index) };
}

async function run(settings: Options, metrics: readonly Metric[], context: StageContext) {
  const { id, factory, base, backend, observers, group } = context;
  const kind = metrics.some(({ needs }) => needs.includes("mask"))
    ? ARTIFACTS.masks
    : ARTIFACTS.cams;
  const artifact = settings.from === undefined ? undefined : context.artifact(settings.from, kind);
  const split = splitOf(id, settings, artifact?.info.split);
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  const predictions = artifact
    ? predictionsOf(settings.from!, artifact, dataset, factory.limits.pixels)
    : maskFolder(resolvePath(base, settings.masks!), dataset, factory.limits.pixels);
  const scores = await Promise.all(metrics.map(async (metric) => {
    const { thresholdFrom } = metric;
    if (thresholdFrom === undefined) return metric.start(dataset.classes);
    return metric.start(dataset.classes, await thresholdOf(context, thresholdFrom, dataset));
  }));
  const mask = needsMask(metrics);
  const scale = { maskScale: settings.maskScale, longSide: predictions.longSide };
  await noteRemarks(dataset, mask, context);
  const foreign = settings.masks === undefined ? undefined : new MaskClasses(dataset.classes);
  const total = dataset.length;
  const share = await ImageShare.open(context, total);
  const read = async (at: number) => {
    const i = share.indices[at]!;
    const name = dataset.name(i);
    const [truth, predicted] = await Promise.all([
      readTruth(dataset, i, mask),
      predictions.read(name),
    ]);
    return { name, truth, predicted };
  };
  const images = readAhead(share.indices.length, AHEAD, read);
  for await (const { name, truth, predicted } of images) {
    const prediction = await predict(name, predicted, truth, scale);
    for (const score of scores) score.add(prediction);
    if (predicted.mask) foreign?.add(predicted.mask, truth.mask);
    backend.purge();
    await share.finish();
  }
  await share.end();
  const about: Result["about"] = {
    stage: id,
    ...predictions.about,
    split,
    images: total,
    maskScale: settings.maskScale,
  };
  const info = { table: RESULT, ...about };
  // Rank 0 alone writes the table.
  if (!await mergeRanks(group, foreign ? [...scores, foreign] : scores)) {
    return finishedArtifact(ARTIFACTS.table, info);
  }
  const contradiction = foreign?.conclude();
  if (contradiction !== undefined) {
    const text = `masks in ${predictions.about.from}: ${contradiction}`;
    await observers.note({ stage: id, text });
  }
  const joined = joinTables(
    scores.map((score) => score.table()),
    `${id}: ${scoredName(about)} on ${split}, ${total} images`,
  );
  const made = predictions.how === undefined ? "" : `; made by ${predictions.how}`;
  const choices = (await choiceNotes(context, predictions.choices ?? [], dataset))
    .map((text) => `; ${text}`).join("");
  const size = mask ? sizeNote(settings, predictions) : "";
  const table = { ...joined, note: joined.note + made + choices + size };
  await writeResult(context.folder, { table, about }, context.write);
  return finishedArtifact(
    ARTIFACTS.table,
    info,
    { kind: "table", path: `stages/${id}/${RESULT}`, table },
  );
}

/** Scores CAMs, image-level scores and masks against the truth; what `run: evaluate` names. */
export const evaluateStage = definePlugin({
  kind: "stage",
  name: "evaluate",
  summary: "scores CAMs, image-level scores or masks against the ground truth → table",
  options,
  async create(settings, _args, factory) {
    const metrics = await makeMetrics(settings.metric, factory);
    const borrowed = metrics.flatMap(({ thresholdFrom }) => thresholdFrom ?? []);
    return {
      from: [...settings.from === undefined ? [] : [settings.from], ...borrowed],
      check: (plan) => checkEvaluation(settings, metrics, plan),
      ranks: () => metrics.every(({ merges }) => merges) ? "any" : [1],
      shards: "last",
      gives: () =>
        plannedArtifact(ARTIFACTS.table, {
          threshold: metrics.some(({ givesThreshold }) => givesThreshold === true),
        }),
      estimate: async (plan) => {
        const { from } = settings;
        const split = splitOf(
          plan.id,
          settings,
          from === undefined
            ? undefined
            : (await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks)).facts.split,
        );
        const args = { split, base: plan.base };
        const { length } = await plan.factory.create("dataset", plan.dataset, args);
        return { reads: split, images: length };
      },
      run: (context) => run(settings, metrics, context),
    };
  },
});

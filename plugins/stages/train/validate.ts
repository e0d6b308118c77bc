import {
  type Metric,
  type PluginFactory,
  readAhead,
  type Sample,
  type Score,
  type StageContext,
  type StagePlan,
  userError,
  withAction,
} from "seamstress";
import {
  checkLabelled,
  makeMetrics,
  type Model,
  multiScaleCam,
  needsMask,
  type Parts,
  strongestClass,
  type TrainingOptions as Options,
} from "seamstress/wsss";
import { mergeRanks } from "../evaluate/merge_ranks.ts";
import { predict } from "../evaluate/predict.ts";
import type { Predicted } from "../evaluate/predictions.ts";
import { multiScaleScores } from "../segment/multi_scale_scores.ts";
import { foundCamOutput } from "./cam_output.ts";
import { type IsDue, isDue, neverDue, type Steps } from "./interval.ts";

/** Images decoded while one is scored. */
const AHEAD = 2;

/** Output of networks that segment. */
const SEGMENTATION = "segmentation";

/** Scores the network of a training. */
export interface Validation {
  readonly split: string;
  readonly isDue: IsDue;
  /** Headline numbers; the same on every rank, each of which calls it. */
  score(): Promise<Readonly<Record<string, number>>>;
}

/** Names of the headline numbers, found by scoring one made-up pixel; none where a metric cannot. */
function summaryNames(metrics: readonly Metric[], classes: readonly string[]): readonly string[] {
  const pixel = new Uint8Array(1);
  return metrics.flatMap((metric) => {
    try {
      const score = metric.start(classes);
      score.add({
        name: "made up",
        width: 1,
        height: 1,
        cams: new Map(classes.map((_, c) => [c, new Float32Array(1)])),
        mask: pixel,
        scores: new Float32Array(classes.length),
        truth: { label: new Float32Array(classes.length).fill(1), mask: pixel },
      });
      return Object.keys(score.table().summary);
    } catch {
      // A metric of others may refuse such a pixel: its names are checked at the first validation.
      return [];
    }
  });
}

/**
 * Fails where a training could not be validated as its options say, or has no such best.
 *
 * @param settings of the training
 * @param plan of the stage
 * @param parts what trains
 * @param steps of an epoch, and of all
 * @returns hashes of the data that it will read
 */
export async function checkValidation(
  settings: Options,
  plan: StagePlan,
  { head }: Pick<Parts, "head">,
  steps: Steps,
): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { validate, best } = settings;
  const refuse = (problem: string) =>
    userError(new TypeError(`Cannot plan stage ${id}: ${problem}`));
  if (best.by === "loss") {
    if (best.lowest === false) {
      throw refuse("best.lowest is false, but a loss is the better the lower");
    }
    if (best.leave === "best" && steps.ofEpoch > steps.all) {
      throw refuse(`best.leave is best, but no epoch ends within maxSteps ${steps.all}`);
    }
  } else if (validate === undefined) {
    throw refuse(
      `best.by is ${best.by}, but nothing is validated; valid: loss, or validate beside it`,
    );
  }
  if (validate === undefined) return [];
  const { split } = validate, never = neverDue("validate", validate, steps);
  if (never !== undefined) throw refuse(never);
  const metrics = await makeMetrics(validate.metric, factory);
  const borrowed = metrics.find(({ thresholdFrom }) => thresholdFrom !== undefined);
  if (borrowed) {
    throw refuse(
      `validate.metric takes the threshold of stage ${borrowed.thresholdFrom}, which is not there while this trains; give one, or a sweep`,
    );
  }
  const cams = foundCamOutput(validate, head.outputs);
  const has = [
    ...cams ? ["cams", "scores"] : [],
    ...head.outputs.includes(SEGMENTATION) ? ["mask"] : [],
  ];
  const missing = metrics.flatMap(({ needs }) => needs)
    .find((need) => need !== "truth-mask" && !has.includes(need));
  if (missing !== undefined) {
    throw refuse(
      `validate.metric reads ${missing}, but the outputs of head ${settings.head.use} are ${
        head.outputs.join(", ")
      }`,
    );
  }
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  await dataset.check({ mask: needsMask(metrics) });
  if (metrics.some(({ needs }) => needs.includes("scores") || needs.includes("cams"))) {
    checkLabelled(id, split, dataset);
  }
  if (best.by !== "loss") {
    const names = summaryNames(metrics, dataset.classes);
    if (names.length > 0 && !names.includes(best.by)) {
      throw refuse(`best.by is ${best.by}; valid: loss, ${names.join(", ")}`);
    }
  }
  return [await dataset.fingerprint()];
}

/** What the network says of one image. */
async function predicted(
  model: Model,
  classes: readonly string[],
  { image, label }: Sample,
  output: string | undefined,
): Promise<Predicted> {
  if (output !== undefined) {
    return await multiScaleCam(model, image, label, { scales: [1], flip: false, output });
  }
  const scores = await multiScaleScores(model, image, {
    scales: [1],
    flip: false,
    average: "logits",
  });
  const numbers = [0, ...classes.map((_, c) => 1 + c)];
  return { mask: strongestClass({ ...scores, classes: numbers }) };
}

/**
 * Prepares scoring a network while it trains: each image once, at its own size, as inference sees it.
 *
 * @param settings of the training
 * @param context of the stage
 * @param model the network
 * @param factory makes data set and metrics
 * @returns undefined where nothing is to be validated
 */
export async function makeValidation(
  { validate }: Options,
  { base, group, backend, ...context }: StageContext,
  model: Model,
  factory: PluginFactory,
): Promise<Validation | undefined> {
  if (validate === undefined) return undefined;
  const { split } = validate;
  const metrics = await makeMetrics(validate.metric, factory);
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  const mask = needsMask(metrics);
  const output = metrics.some(({ needs }) => needs.includes("mask"))
    ? undefined
    : foundCamOutput(validate, model.head.outputs);
  // Ranks share the images where what they count can be put together; else the first has them all.
  const shares = metrics.every(({ merges }) => merges) ? group.size : 1;
  const bound = (rank: number) => Math.floor(Math.min(rank, shares) * dataset.length / shares);
  const count = async (scores: readonly Score[]) => {
    const from = bound(group.rank), to = bound(group.rank + 1);
    const read = (at: number) => dataset.read(from + at, { mask });
    for await (const sample of readAhead(to - from, AHEAD, read)) {
      const { name, label } = sample;
      const found = await predicted(model, dataset.classes, sample, output)
        .catch((error) => {
          throw withAction(`Cannot validate on ${name}`, error);
        });
      const truth = { label, ...sample.mask && { mask: sample.mask } };
      const prediction = await predict(name, found, truth, { maskScale: 1 });
      for (const score of scores) score.add(prediction);
      // Images have their own sizes.
      backend.purge();
    }
  };
  return {
    split,
    isDue: isDue(validate),
    async score() {
      const scores = metrics.map((metric) => metric.start(dataset.classes));
      await count(scores);
      if (shares > 1) await mergeRanks(group, scores);
      const summaries = group.rank === 0 ? scores.map((score) => score.table().summary) : [];
      return await group.broadcast<Record<string, number>>(Object.assign({}, ...summaries));
    },
  };
}

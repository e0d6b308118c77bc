import * as z from "zod";
import { readCams } from "../../core/cam_store.ts";
import type { Dataset } from "../../core/contracts/dataset.ts";
import type { Metric } from "../../core/contracts/metric.ts";
import type { Artifact, StageContext, StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import { definePlugin, type Maker } from "../../core/plugin.ts";
import { ref } from "../../core/ref.ts";
import { joinTables } from "./evaluate/join_tables.ts";
import { predict } from "./evaluate/predict.ts";
import { RESULT, type Result } from "./evaluate/result.ts";
import { writeResult } from "./evaluate/write_table.ts";
import { findSource, type Source } from "./source.ts";

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose CAMs or scores are evaluated"),
  split: z.string().min(1).optional()
    .describe("Split to score, within the one that was inferred; that one where not given"),
  metric: z.union([ref("metric"), z.array(ref("metric")).min(1)])
    .describe("What to measure; several metrics give one table"),
  maskScale: z.number().positive().max(1).default(1)
    .describe("Evaluated size over the mask's; masks are resized by nearest neighbour"),
});
type Options = z.output<typeof options>;

function makeMetrics({ metric }: Options, maker: Maker): Promise<readonly Metric[]> {
  const uses = Array.isArray(metric) ? metric : [metric];
  return Promise.all(uses.map((use) => maker.create("metric", use, undefined)));
}

/** Whether any metric reads the ground truth's pixels. */
function needsMask(metrics: readonly Metric[]): boolean {
  return metrics.some(({ needs }) => needs.includes("truth-mask"));
}

/** Every metric finds what it reads in what the earlier stage keeps. */
function checkNeeds(id: string, settings: Options, metrics: readonly Metric[], kept: unknown) {
  const has = ["truth-mask", ...Array.isArray(kept) ? kept.map(String) : ["cams", "scores"]];
  for (const need of metrics.flatMap(({ needs }) => needs)) {
    if (!has.includes(need)) {
      throw mistake(
        new TypeError(
          `Cannot plan stage ${id}: its metric reads ${need}, stage "${settings.from}" keeps ${
            has.slice(1).join(", ")
          }`,
        ),
      );
    }
  }
}

/** Every image that is to be scored was inferred. */
function checkNames(id: string, scored: Dataset, inferred: Dataset, from: string): void {
  const known = new Set(Array.from({ length: inferred.length }, (_, i) => inferred.name(i)));
  for (let i = 0; i < scored.length; i++) {
    if (!known.has(scored.name(i))) {
      throw mistake(
        new RangeError(
          `Cannot plan stage ${id}: image ${
            scored.name(i)
          } of its split is not among the ${inferred.length} that stage "${from}" infers`,
        ),
      );
    }
  }
}

/** The split that is scored. */
function splitOf(settings: Options, { options }: Source): string {
  const split = settings.split ?? options["split"];
  if (typeof split === "string") return split;
  throw mistake(
    new TypeError(
      `Cannot plan stage ${settings.from}: it names no split; give the evaluation its own "split"`,
    ),
  );
}

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { id, maker, base } = plan;
  const source = await findSource(plan, settings.from, "cams");
  const open = (split: string) => maker.create("dataset", plan.dataset, { split, base });
  const split = splitOf(settings, source);
  const dataset = await open(split);
  const metrics = await makeMetrics(settings, maker);
  checkNeeds(id, settings, metrics, source.options["save"]);
  const inferred = source.options["split"];
  if (typeof inferred === "string" && inferred !== split) {
    checkNames(id, dataset, await open(inferred), settings.from);
  }
  await dataset.check({ mask: needsMask(metrics) });
  return [await dataset.fingerprint()];
}

/** How sizes were brought together, where they were. */
function sizeNote({ maskScale }: Options, { info }: Artifact): string {
  const resized = maskScale !== 1 || typeof info["longSide"] === "number";
  if (!resized) return "";
  const size = maskScale === 1 ? "the mask's size" : `${maskScale} of the mask's size`;
  return `; scored at ${size}, CAMs of another size resized bilinearly`;
}

async function run(settings: Options, context: StageContext) {
  const { id, maker, base, backend, observers } = context;
  const artifact = context.artifact(settings.from, "cams");
  const { info } = artifact;
  const split = settings.split ?? String(info["split"]);
  const dataset = await maker.create("dataset", context.dataset, { split, base });
  const metrics = await makeMetrics(settings, maker);
  const mask = needsMask(metrics);
  const scores = metrics.map((metric) => metric.start(dataset.classes));
  const folder = `${artifact.folder}/${info["cams"]}`;
  const total = dataset.length;
  for (let i = 0; i < total; i++) {
    const name = dataset.name(i);
    const truth = mask ? await dataset.read(i, { mask }) : { label: dataset.label(i) };
    const stored = await readCams(folder, name);
    const prediction = await predict(name, stored, truth, settings.maskScale);
    for (const score of scores) score.add(prediction);
    backend.purge();
    await observers.progress({ stage: id, done: i + 1, total, unit: "images" });
  }
  const about: Result["about"] = {
    stage: id,
    from: settings.from,
    checkpoint: String(info["checkpoint"]),
    output: String(info["output"]),
    split,
    images: total,
    maskScale: settings.maskScale,
  };
  const joined = joinTables(
    scores.map((score) => score.table()),
    `${id}: ${about.output} of ${about.checkpoint} on ${split}, ${total} images`,
  );
  const table = mask ? { ...joined, note: joined.note + sizeNote(settings, artifact) } : joined;
  await writeResult(context.folder, { table, about });
  return {
    kind: "table",
    info: { table: RESULT, ...about },
    announce: { kind: "table", path: `stages/${id}/${RESULT}`, table },
  };
}

/** Scores CAMs and image-level scores against the truth; what `run: evaluate` names. */
export const evaluateStage = definePlugin({
  kind: "stage",
  name: "evaluate",
  summary: "scores CAMs and image-level scores against the ground truth → table",
  options,
  create: (settings) => ({
    from: [settings.from],
    gives: "table",
    check: (plan) => check(settings, plan),
    run: (context) => run(settings, context),
  }),
});

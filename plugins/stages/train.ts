import {
  type BackendInfo,
  type Chosen,
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  type PluginFactory,
  Rng,
  type StageContext,
  type StagePlan,
} from "seamstress";
import {
  ARTIFACTS,
  Checkpoints,
  KeptState,
  Loader,
  machineMemory,
  makeOptimizer,
  makeParts,
  Model,
  noteRemarks,
  ParamStore,
  splitBackbone,
  train,
  trainedSpecs,
  type TrainingOptions as Options,
  trainingOptions as options,
} from "seamstress/wsss";
import { checkTraining } from "./train/check.ts";
import { estimateTraining, traceTraining } from "./train/estimate.ts";
import { makeJudge } from "./train/best.ts";
import { makeValidation } from "./train/validate.ts";
import { findMasks, wantsMask } from "./train/masks.ts";
import { chooseMicro, microOf } from "./train/micro.ts";
import { readPretrained } from "./train/pretrained.ts";
import { trainingRanks } from "./train/ranks.ts";
import { rowsOf } from "./train/shares.ts";
import { judgeAfterCams, makeTrainingCams } from "./train/training_cams.ts";

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, seed, group } = context;
  const { batch: { size, runningStatistics } } = settings;
  const microBatch = microOf(settings, context.chosen);
  const rows = rowsOf(size, microBatch, group);
  const dataset = await factory.create("dataset", context.dataset, { split: settings.split, base });
  const parts = await makeParts(settings, dataset.classes.length, factory);
  const { backbone, head, method, losses } = parts;
  await noteRemarks(dataset, wantsMask(method) && settings.masks === undefined, context);
  const masks = await findMasks(settings.masks, dataset, context);
  const specs = [...backbone.params, ...head.params];
  const checkpoints = await Checkpoints.open(`${context.folder}/checkpoints`, context.write);
  const damage = group.rank === 0 ? await checkpoints.recover(id) : undefined;
  if (damage !== undefined) await context.observers.note({ stage: id, text: damage });
  await group.barrier();
  const { weights } = splitBackbone(settings.backbone);
  const reader = weights && !(await checkpoints.last())
    ? await factory.create("weights", weights, {
      base,
      classes: dataset.classes,
      artifact: context.artifact.bind(context),
    })
    : undefined;
  // The file's content goes out of reach as soon as the parameters are made.
  const params = ParamStore.create(
    specs,
    Rng.of(seed),
    reader && await readPretrained(reader, specs),
  );
  try {
    await using loader = await Loader.open({
      modules: context.workerModules,
      dataset: masks === undefined
        ? context.dataset
        : { use: "with-masks", dataset: context.dataset, masks },
      split: settings.split,
      base,
      limits: factory.limits,
      transforms: settings.transforms,
      normalization: backbone.input,
      seed,
      batchSize: size,
      ...rows && { rows },
      workers: Math.ceil(settings.workers / group.localSize),
      stage: id,
      mask: wantsMask(method),
    });
    using state = KeptState.create(parts, params, Rng.of(seed, "state", id));
    const optimizer = await makeOptimizer(settings, factory, {
      params: state.trained,
      totalSteps: loader.stepsPerEpoch * settings.epochs,
    });
    const model = new Model(backbone, head, params);
    const validation = await makeValidation(settings, context, model, factory);
    const cams = await makeTrainingCams(settings, context, model, factory);
    try {
      await train({
        stage: id,
        model,
        method,
        losses,
        state,
        optimizer,
        batches: loader,
        epochs: settings.epochs,
        ...settings.maxSteps !== undefined && { maxSteps: settings.maxSteps },
        microBatch,
        group,
        ...settings.recompute && { recompute: settings.recompute },
        ...runningStatistics && { runningStatistics },
        seed,
        backend: context.backend,
        checkpoints,
        checkpointEvery: settings.checkpointEvery,
        judge: judgeAfterCams(
          makeJudge(id, settings.best, validation, context.observers),
          cams,
        ),
        observers: context.observers,
        ...context.stop && { stop: context.stop },
      });
    } finally {
      optimizer.dispose();
    }
    const { leave } = settings.best;
    const left = leave === "best" ? await checkpoints.best() : await checkpoints.last();
    if (!left) throw new Error(`Stage ${id} trained but left no checkpoint ${leave}`);
    const path = `checkpoints/${left.weights.split("/").at(-1)}`;
    return finishedArtifact(ARTIFACTS.checkpoint, {
      weights: path,
      backbone: splitBackbone(settings.backbone).use,
      head: settings.head,
      classes: dataset.classes,
      split: settings.split,
      steps: left.step,
    }, { kind: "checkpoint", path: `stages/${id}/${path}` });
  } finally {
    params.dispose();
    // What comes next has other shapes.
    context.backend.purge();
  }
}

async function choose(
  settings: Options,
  plan: StagePlan,
  backend: BackendInfo,
): Promise<Chosen> {
  if (typeof settings.batch.micro === "number") return {};
  const { ranks = 1, localRanks } = plan;
  const { parts, trace } = await traceTraining(settings, plan);
  const held = async (size: number, micro: number) => (await trace(size, micro)).held;
  const gradientBytes = trainedSpecs(parts)
    .reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  return await chooseMicro({
    id: plan.id,
    settings,
    parts,
    backend,
    held,
    gradientBytes,
    ranks,
    localRanks,
    machine: machineMemory(),
    overBatch: parts.losses.some(({ loss }) => loss.overBatch),
  });
}

/** Earlier stages that are read: whose masks are learned from, and whose weights are the start. */
async function sources(settings: Options, factory: PluginFactory): Promise<readonly string[]> {
  const { weights } = splitBackbone(settings.backbone);
  // Which stage it is does not depend on the folder of files.
  const reader = weights && await factory.create("weights", weights, { base: "." });
  return [settings.masks, reader?.from].filter((from) => typeof from === "string");
}

/** Trains a backbone and a head by a method; what `run: train` names. */
export const trainStage = definePlugin({
  kind: "stage",
  name: "train",
  summary: "trains a backbone and a head by a method and its losses → checkpoint",
  options,
  create: async (settings, _args, factory) => ({
    from: await sources(settings, factory),
    resumeIgnores: ["workers", "checkpointEvery", "batch.micro", "recompute", "cams"],
    check: (plan) => checkTraining(settings, plan),
    ranks: (plan) => trainingRanks(settings, plan),
    gives: () =>
      plannedArtifact(ARTIFACTS.checkpoint, {
        network: { backbone: splitBackbone(settings.backbone).use, head: settings.head },
      }),
    choose: (plan, backend) => choose(settings, plan, backend),
    estimate: (plan) => estimateTraining(settings, plan),
    run: (context) => run(settings, context),
  }),
});

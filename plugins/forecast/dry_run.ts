import type { StageEstimate } from "../../core/contracts/stage.ts";
import { isUserError, messageOf } from "../../core/errors.ts";
import { readEarlierRun } from "./earlier_run.ts";
import type { WorkKind } from "../../core/contracts/work.ts";
import { secondsOf, type Speed, sumWork, WORK_KINDS } from "./work.ts";
import { machineMemory } from "./machine_memory.ts";
import { own } from "../../core/registry/own.ts";
import { type PlanOptions, planRun } from "../../core/run/plan.ts";
import { followModules } from "../modules/follow_modules.ts";
import type { LoadedRecipe } from "../../core/recipe/load.ts";
import { stagePlan } from "../../core/run/stages/plan_stages.ts";
import { type Decision, willRun } from "../../core/run/stages/decide.ts";

/** How to forecast a run. */
export interface DryRunOptions extends PlanOptions {
  /** Run folder of an earlier run whose speeds are taken, where it has a stage of the same id. */
  readonly like?: string | undefined;
  /** Measures how fast the prepared backend does work of some kinds. */
  measureSpeed(kinds: readonly WorkKind[]): Promise<Speed>;
}

/** Whether a stage will run, and its estimated cost. */
export interface StageForecast {
  readonly id: string;
  /** The stage plugin. */
  readonly run: string;
  /** Ids of the earlier stages that it reads. */
  readonly from: readonly string[];
  readonly decision: Decision;
  /** Of a stage that will run and can tell. */
  readonly estimate: StageEstimate;
  readonly seconds?: number;
  /** How many ranks run it, where more than one. */
  readonly ranks?: number;
  /** Where `seconds` come from: the earlier run's log, or the speed that was measured. */
  readonly timed?: "log" | "speed";
}

/** A run that is planned and has not begun. */
export interface Forecast {
  readonly name: string;
  readonly folder: string;
  readonly backend: string;
  readonly device: string;
  readonly stages: readonly StageForecast[];
  /** Memory of the machine, where tensors are in it and it is known, in bytes. */
  readonly machineBytes?: number;
  /** What the backend does a second, where it was measured. */
  readonly speed?: Speed;
  /** The earlier run, where one was given. */
  readonly like?: string;
}

/**
 * Plans a run with every check that comes before work, and estimates the cost of its stages. Writes nothing.
 *
 * @param loaded the recipe and its plugins
 * @param options where the run would go, and which part of it
 * @returns what would become of every stage
 * @throws as a run would before its work
 */
export async function forecastRun(
  loaded: LoadedRecipe,
  options: DryRunOptions,
): Promise<Forecast> {
  const { recipe, registry, base } = loaded;
  const { folder, like } = options;
  const earlier = like === undefined ? undefined : await readEarlierRun(like);
  const { backend, stages, decisions, chosen, ranks } = await planRun(
    loaded,
    options,
    followModules,
  );
  const untimed: StageForecast[] = [];
  for (const [i, { spec: { id, run }, stage }] of stages.entries()) {
    const decision = decisions[i]!;
    const count = own(ranks, id) ?? 1;
    const plan = stagePlan({ recipe, registry, base, stages, ranks: count }, id, own(chosen, id));
    const estimate = willRun(decision) ? await estimated(() => stage.estimate?.(plan)) : {};
    untimed.push({
      id,
      run,
      from: stage.from,
      decision,
      estimate,
      ...count > 1 && { ranks: count },
    });
  }
  const logged = untimed.map((stage) => {
    const taken = earlier?.get(stage.id);
    const { samples } = stage.estimate;
    if (!taken || !willRun(stage.decision)) return stage;
    const seconds = samples !== undefined && taken.samplesPerSecond !== undefined
      ? samples / taken.samplesPerSecond
      : taken.seconds;
    return seconds === undefined ? stage : { ...stage, seconds, timed: "log" as const };
  });
  const work = sumWork(
    logged.flatMap(({ seconds, estimate }) =>
      seconds === undefined && estimate.work ? [[estimate.work, 1] as const] : []
    ),
  );
  const kinds = WORK_KINDS.filter((kind) => work[kind]);
  const speed = kinds.length > 0 ? await options.measureSpeed(kinds) : undefined;
  await backend.check();
  const machine = machineMemory();
  return {
    name: recipe.name,
    folder,
    backend: backend.name,
    device: backend.device,
    stages: logged.map((stage) => {
      const { estimate: { work }, ranks = 1 } = stage;
      if (stage.seconds !== undefined || !work || !speed) return stage;
      // Measured on one rank.
      return { ...stage, seconds: secondsOf(work, speed) / ranks, timed: "speed" as const };
    }),
    ...backend.name !== "webgpu" && machine && { machineBytes: machine.bytes },
    ...speed && { speed },
    ...like !== undefined && { like },
  };
}

/** Estimates a stage; an estimate that fails must not hide the plan. */
async function estimated(
  estimate: () => Promise<StageEstimate> | undefined,
): Promise<StageEstimate> {
  try {
    return await estimate() ?? {};
  } catch (error) {
    if (isUserError(error)) throw error;
    return { notes: [`not estimated: ${messageOf(error)}`] };
  }
}

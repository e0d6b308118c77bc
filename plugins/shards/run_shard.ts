import type { Shard } from "../../core/contracts/stage.ts";
import { userError } from "../../core/errors.ts";
import type { LoadedRecipe } from "../../core/recipe/load.ts";
import { continueManifest, makeManifest } from "../../core/run/manifest.ts";
import { planRun, type RunPlan } from "../../core/run/plan.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import type { RunOptions } from "../../core/run/run.ts";
import { RunFolder, SHARDS } from "../../core/run/run_folder.ts";
import { decideStages, willRun } from "../../core/run/stages/decide.ts";
import { Stopped } from "../../core/run/stop.ts";
import { followModules } from "../modules/follow_modules.ts";
import { makeJob } from "../modules/job.ts";
import { runRecipe } from "../modules/run_recipe.ts";
import { beginStages, joinJob } from "./begin_stages.ts";
import { checkStages } from "./check_stages.ts";
import { Claim, isHeld } from "./claim.ts";
import { shardName } from "./parse_shard.ts";
import { type Left, runShares } from "./run_shares.ts";

/** File within a run folder that says what its shards compute, until they have. */
const JOB = `${SHARDS}/job.json`;

/** Milliseconds to wait for others that end just now. */
const LEAVING = 60_000;

/** What {@linkcode runShard} needs. */
export interface ShardOptions extends Omit<RunOptions, "resume" | "sharing" | "logFolder"> {
  readonly shard: Shard;
  /** Told what a person should know. */
  readonly note: (text: string) => void;
}

/** How a shard ended: all is done now, by it or before; another does the rest; or so much is still to come. */
export type ShardEnd = "finished" | "finishing" | { readonly left: readonly Left[] };

/**
 * Does a share of the images of each stage that is to run; where they are all there then, finishes these stages and runs those that
 * read them, as a run that goes on without `--shard` would.
 *
 * @param loaded the recipe and its plugins
 * @param options which share, and where to
 * @returns how it ended
 * @throws {Stopped} where it was asked to stop
 * @throws before any work where stages cannot be shared, another shard computes something else, or this one is at work already
 */
export async function runShard(loaded: LoadedRecipe, options: ShardOptions): Promise<ShardEnd> {
  const folder = await realFolder(options.folder);
  const finishClaim = `${folder}/${SHARDS}/finish.claim`;
  let share: Share | undefined;
  try {
    share = await runShare(loaded, { ...options, folder });
  } catch (error) {
    const finishing = error instanceof Deno.errors.Busy && await isHeld(finishClaim);
    if (finishing) return "finishing";
    throw error;
  }
  if (!share) return "finished";
  if (share.left.some(({ images }) => images > 0)) return { left: share.left };
  await using finish = await Claim.take(finishClaim, {
    waiting: waiting(options, "the shard that finishes the run"),
  });
  if (!finish) return "finishing";
  const { selection = {} } = options;
  // Another may have done so since this one looked.
  const decisions = await decideStages(share.plan.stages, `${folder}/stages`, selection);
  if (!decisions.some(willRun)) return "finished";
  await whenAlone(() => runRecipe(loaded, { ...options, resume: true, sharing: "last" }));
  await forgetJob(folder);
  return "finished";
}

/**
 * Lets the next shards be of another recipe, as what these began is done.
 *
 * @param folder the run folder
 */
export async function forgetJob(folder: string): Promise<void> {
  await Deno.remove(`${folder}/${JOB}`).catch(() => {});
}

/** A share that is done. */
interface Share {
  readonly plan: RunPlan;
  readonly left: readonly Left[];
}

/** Does the share; nothing where every stage is finished already. */
async function runShare(
  loaded: LoadedRecipe,
  options: ShardOptions,
): Promise<Share | undefined> {
  const { folder, shard, selection = {} } = options;
  const shards = `${folder}/${SHARDS}`;
  const name = `${shard.number}-of-${shard.of}`;
  const group = await loaded.registry.create("group", loaded.recipe.group, undefined);
  if (group.external) {
    throw userError(
      new TypeError(
        `Cannot run --shard ${shardName(shard)} with group ${loaded.recipe.group.use}: ` +
          "its ranks share the images already; leave out --shard, or take another group",
      ),
    );
  }
  // Where there is no run yet, this shard begins it.
  const opening = { resume: true, sharing: "beside" } as const;
  const plan = await planRun(
    loaded,
    { ...options, ...opening, logFolder: `${shards}/${name}` },
    followModules,
    group,
  );
  const shared = checkStages(plan, shard);
  if (!plan.decisions.some(willRun)) return undefined;
  if (options.stop?.requested) throw new Stopped("before the first stage");
  await using run = await RunFolder.open(folder, opening);
  await Deno.mkdir(`${shards}/${name}`, { recursive: true });
  await using own = await Claim.take(`${shards}/${name}.claim`, {
    waiting: waiting(options, `shard ${shardName(shard)}`),
  });
  if (!own) {
    throw userError(
      new Deno.errors.Busy(
        `Cannot run shard ${shardName(shard)} in ${folder}: another process does that shard`,
      ),
    );
  }
  const { stages, artifacts } = await begin(loaded, { plan, run, shared, selection });
  const look = async () => {
    await run.checkLock();
    if (!await own.isLost()) return;
    throw userError(
      new Error(
        `Cannot go on with shard ${shardName(shard)}: another process took it over, ` +
          "as this one gave no sign of life for long",
      ),
    );
  };
  const left = await runShares(loaded, { ...options, plan, group, stages, artifacts, look });
  return { plan, left };
}

function waiting({ note }: ShardOptions, what: string) {
  return (ms: number) => note(`${what} may be at work: looking for ${ms / 1000} s whether it is`);
}

/** Writes what describes the run where no shard has yet, and begins its stages. */
async function begin(
  { recipe, base, modules }: LoadedRecipe,
  { plan, run, shared, selection }: {
    readonly plan: RunPlan;
    readonly run: RunFolder;
    readonly shared: readonly string[];
    readonly selection: NonNullable<RunOptions["selection"]>;
  },
) {
  const { backend, stages } = plan;
  const shards = `${run.path}/${SHARDS}`;
  const data = Object.fromEntries(stages.map(({ spec, data }) => [spec.id, data]));
  const { name, precision } = backend;
  const rest = { backend: { name, ...precision && { precision } }, data };
  const job = await makeJob({ ...recipe, observers: [], group: undefined }, modules, rest);
  await using _ = await Claim.wait(`${shards}/begin.claim`);
  await joinJob(`${run.path}/${JOB}`, job);
  const before = await run.readManifest();
  const known = await Deno.stat(`${run.path}/recipe.yaml`).then(() => true, () => false);
  if (!before || !known) {
    await run.writeManifest(
      continueManifest(await makeManifest(recipe, backend, base, data), before),
    );
    await run.writeRecipe(recipe);
  }
  return await beginStages(stages, `${run.path}/stages`, shared, selection);
}

/** Tries until other shards, which end, have left the run folder. */
async function whenAlone(work: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + LEAVING;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.Busy) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

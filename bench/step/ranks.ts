import { type BackendInfo, type Group, loadWritten } from "seamstress";
import { pluginModules, plugins } from "seamstress/plugins";
import { microSize } from "./own_batch.ts";
import type { Problem, Size } from "./problem.ts";
import { benchStep, type Command } from "./rank_stage.ts";

const STAGE = "steps";

/**
 * How many threads can share a step's micro-batches so that each has as many, as a training's `count: auto` takes them.
 *
 * @param size of the step
 * @param cores of the machine
 * @returns at least 1
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ranksOf } from "./ranks.ts";
 * assertEquals(ranksOf({ width: 8, crop: 96, batch: 8, micro: 8 }, 6), 4);
 * assertEquals(ranksOf({ width: 8, crop: 96, batch: 1, micro: 1 }, 2), 1);
 * ```
 */
export function ranksOf(size: Size, cores: number): number {
  const { batch } = size;
  for (let ranks = Math.min(cores, batch); ranks > 1; ranks--) {
    const each = batch / ranks / microSize(size, ranks);
    // A balanced tree's branches.
    if (batch % ranks === 0 && Number.isInteger(Math.log2(each))) return ranks;
  }
  return 1;
}

/** A problem that several threads share. */
export interface SharedProblem extends Problem, AsyncDisposable {
  readonly ranks: number;
}

/**
 * Starts threads as the group `workers` does, which share a problem.
 *
 * @param problem at its start
 * @param size of it
 * @param backend that computes it
 * @param ranks how many threads, this one among them
 * @returns the same problem; its time is that of all threads
 */
export async function shareProblem(
  problem: Problem,
  size: Size,
  backend: BackendInfo,
  ranks: number,
): Promise<SharedProblem> {
  const base = Deno.cwd();
  const { recipe, registry } = await loadWritten(
    {
      name: "steps",
      backend: backend.name,
      dataset: "mini",
      observers: [],
      stages: [{ id: STAGE, run: benchStep.name, ...size, network: problem.network }],
    },
    "of the benchmark",
    {
      ...{ plugins: [...plugins, benchStep], base, cwd: base, environment: () => undefined },
    },
  );
  const plugin = await registry.create("group", { use: "workers", count: ranks }, undefined);
  const modules = [...pluginModules, import.meta.resolve("./rank_stage.ts")];
  const options = { recipe, base, modules, workerModules: [], backend, size: ranks };
  const group: Group = await plugin.join(options);
  await group.broadcast({ id: STAGE, folder: base, ranks, artifacts: {} });
  const own = problem.among(group, backend);
  const tell = (command: Command) => group.broadcast(command);
  return {
    ...{ ...own, ranks },
    async reset() {
      await tell("reset");
      await own.reset();
      await group.barrier();
    },
    async step(step, { recompute, see } = {}) {
      if (recompute) throw new RangeError("Threads that share a problem keep what they computed");
      await tell(step);
      return await own.step(step, { see });
    },
    async [Symbol.asyncDispose]() {
      await tell(null);
      await group.gather({});
      await group.broadcast(null);
      await group[Symbol.asyncDispose]();
    },
  };
}

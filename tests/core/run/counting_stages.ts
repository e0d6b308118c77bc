import * as z from "zod";
import {
  type ArtifactKind,
  defineArtifact,
  finishedArtifact,
  plannedArtifact,
} from "../../../core/contracts/artifact.ts";
import type { BackendInfo } from "../../../core/contracts/backend.ts";
import { joinObservers } from "../../../core/run/observers.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { resolveRecipe } from "../../../core/recipe/resolve.ts";
import { runStages } from "../../../core/run/stages.ts";
import { planStages } from "../../../core/run/stages/plan_stages.ts";
import type { Selection } from "../../../core/run/stages/selection.ts";
import { toyPlugins } from "../toy_plugins.ts";

const backend: BackendInfo = {
  name: "cpu",
  device: "toy",
  software: false,
  maxTensorBytes: Infinity,
  check: () => Promise.resolve(),
  purge: () => {},
};

/** A kind of artifact that holds a sum. */
const kind = (name: string): ArtifactKind<string, { readonly sum: number }> =>
  defineArtifact({ name, info: z.object({ sum: z.int() }) });

/** A stage that counts its runs, reads from others and may fail half way. */
function countingStage(runs: string[], failing: { now: boolean }) {
  return definePlugin({
    kind: "stage",
    name: "count",
    summary: "counts",
    options: z.strictObject({
      from: z.array(z.string()).default([]),
      reads: z.string().default("counted"),
      value: z.number().default(0),
      workers: z.number().default(1),
      data: z.string().default("data-1"),
      says: z.string().default("counted"),
    }),
    create: ({ from, reads, value, data, says }) => ({
      from,
      resumeIgnores: ["workers"],
      check: () => Promise.resolve([data]),
      gives: () => plannedArtifact(kind(says), {}),
      run: async (context) => {
        const sum = from.reduce(
          (s, id) => s + context.artifact(id, kind(reads)).info.sum,
          value,
        );
        await Deno.writeTextFile(`${context.folder}/half.txt`, "half done");
        if (failing.now) throw new Error("killed");
        runs.push(context.id);
        return finishedArtifact(kind("counted"), { sum });
      },
    }),
  });
}

/** Runs stages that count in a folder of their own, with what they did. */
export async function scene(
  fn: (run: (stages: unknown[], selection?: Selection) => Promise<Map<string, unknown>>, state: {
    runs: string[];
    failing: { now: boolean };
    folder: string;
    events: string[];
  }) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const state = { runs: [] as string[], failing: { now: false }, folder, events: [] as string[] };
  const registry = new Registry([...toyPlugins, countingStage(state.runs, state.failing)]);
  const observers = joinObservers([{
    stage: (event) => void state.events.push(`${event.stage} ${event.state}`),
  }]);
  const run = async (stages: unknown[], selection: Selection = {}) => {
    const written = {
      name: "x",
      backend: "cpu",
      dataset: { use: "toy", root: "/d" },
      observers: [],
      stages,
    };
    const recipe = resolveRecipe(
      written,
      registry,
      { base: "/", cwd: "/", overridden: [] },
      "test",
    );
    const planned = await planStages(recipe, registry, "/", { backend: "cpu" });
    const artifacts = await runStages(planned, {
      recipe,
      registry,
      base: "/",
      folder,
      backend,
      workerModules: [],
      observers,
      selection,
    });
    return new Map([...artifacts].map(([id, artifact]) => [id, artifact.info["sum"]]));
  };
  try {
    await fn(run, state);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A stage, and one that reads it. */
export const a = { id: "a", run: "count", value: 1 };
export const b = { id: "b", run: "count", value: 2, from: ["a"] };

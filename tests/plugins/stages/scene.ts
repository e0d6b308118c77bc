import { finishedArtifact, plannedArtifact } from "../../../core/contracts/artifact.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { ops } from "../../../plugins/ops/list.ts";
import { assert, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { BackendInfo } from "../../../core/contracts/backend.ts";
import type { ArtifactEvent, Observer } from "../../../core/contracts/observer.ts";
import type { StoredArtifact } from "../../../core/contracts/artifact.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { isUserError } from "../../../core/errors.ts";
import type { Limits } from "../../../core/recipe/limits.ts";
import { joinObservers } from "../../../core/run/observers.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { definePlugin, type Plugin, type Use } from "../../../core/registry/plugin.ts";
import { resolveRecipe } from "../../../core/recipe/resolve.ts";
import { pluginOption } from "../../../core/registry/plugin_option.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { encodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { runStages } from "../../../core/run/stages.ts";
import { planStages } from "../../../core/run/stages/plan_stages.ts";
import { plugins, workerModules } from "../../../plugins/mod.ts";
import { wasmBackend } from "../../../plugins/backends/wasm.ts";

/** Leaves a network with random weights, as if it had been trained. */
const untrainedStage = definePlugin({
  kind: "stage",
  name: "untrained",
  summary: "random weights → checkpoint",
  options: z.strictObject({ backbone: pluginOption("backbone"), head: pluginOption("head") }),
  create: ({ backbone, head }) => ({
    from: [],
    gives: () => plannedArtifact(ARTIFACTS.checkpoint, { network: { backbone, head } }),
    check: () => Promise.resolve([]),
    run: async ({ folder, factory, dataset, base, seed }) => {
      const { classes } = await factory.create("dataset", dataset, { split: "val", base });
      const made = await factory.create("backbone", backbone, undefined);
      const args = { taps: made.taps, classes: classes.length };
      const { params: specs } = await factory.create("head", head, args);
      const params = ParamStore.create([...made.params, ...specs], Rng.of(seed));
      await writeAtomic(
        `${folder}/w.safetensors`,
        encodeSafetensors(await params.toStateDict()),
      );
      params.dispose();
      return finishedArtifact(ARTIFACTS.checkpoint, {
        weights: "w.safetensors",
        backbone,
        head,
        classes,
      });
    },
  }),
});

const seamOfTiny: Use = {
  use: "seam",
  low: "t3",
  mid: "t4",
  lowChannels: 8,
  midChannels: 16,
  featureChannels: 24,
};

/** A stage that leaves a network with a CAM head or SEAM's. */
export function network(id: string, head: "cam" | "seam"): Record<string, unknown> {
  return { id, run: "untrained", backbone: "tiny", head: head === "cam" ? "cam" : seamOfTiny };
}

/** A training of CAMs, with 3 steps an epoch. */
export const camTraining = {
  id: "cam",
  run: "train",
  split: "train[0:12]",
  backbone: "tiny",
  head: "cam",
  method: "classification-cam",
  losses: ["classification"],
  optimizer: { use: "adam", lr: 0.004 },
  batch: { size: 4 },
  epochs: 3,
  workers: 0,
  transforms: ["normalize"],
};

/** What a run of stages left. */
export interface Scene {
  /** Folder of the stages. */
  readonly folder: string;
  readonly artifacts: ReadonlyMap<string, StoredArtifact>;
  readonly announced: readonly ArtifactEvent[];
  readonly recipe: unknown;
}

/**
 * Plans and runs stages on the generated data set, on wasm, in a folder.
 *
 * @param folder exists
 * @param stages as a recipe lists them
 * @param extra observer hooks and plugins of the test, and its data set
 */
export async function runScene(
  folder: string,
  stages: readonly Record<string, unknown>[],
  extra: {
    readonly observer?: Observer;
    readonly plugins?: readonly Plugin[];
    readonly dataset?: Use;
    /** The recipe's; those of a recipe that names none where not given. */
    readonly limits?: Limits;
  } = {},
): Promise<Scene> {
  const backend: BackendInfo = await (await new Registry([wasmBackend])
    .create("backend", { use: "wasm" }, undefined)).prepare(ops);
  const registry = new Registry(
    [...new Set<Plugin>([...plugins, untrainedStage, ...extra.plugins ?? []])],
    extra.limits,
  );
  const written = {
    name: "scene",
    backend: "wasm",
    dataset: extra.dataset ?? { use: "mini", size: 32 },
    observers: [],
    stages,
  };
  const rules = { base: "/", cwd: "/", overridden: [] };
  const recipe = resolveRecipe(written, registry, rules, "the test's recipe");
  const announced: ArtifactEvent[] = [];
  const observers = joinObservers([
    { artifact: (event) => void announced.push(event) },
    extra.observer ?? {},
  ]);
  const planned = await planStages(recipe, registry, "/", { backend: "wasm" });
  const held = tf.memory().numTensors;
  const context = { recipe, registry, base: "/", folder, backend, workerModules, observers };
  const artifacts = await runStages(planned, context);
  if (tf.memory().numTensors !== held) throw new Error("The stages leak tensors");
  return { folder, artifacts, announced, recipe };
}

/** Runs a test with a folder that is gone afterwards. */
export async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Makes an assertion that a recipe is refused as a user error, with an error of a type and a message that includes a text.
 *
 * @param folder as {@linkcode runScene}'s
 * @param extra as {@linkcode runScene}'s
 */
export function refusing(
  folder: string,
  extra: Parameters<typeof runScene>[2],
): (
  stages: readonly Record<string, unknown>[],
  type: new () => Error,
  message: string,
) => Promise<void> {
  return async (stages, type, message) => {
    const error = await assertRejects(() => runScene(folder, stages, extra), type, message);
    assert(isUserError(error), "a trace would be printed");
  };
}

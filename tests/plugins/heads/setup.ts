import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { Head, HeadArgs } from "../../../core/contracts/head.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { Rng } from "../../../core/rng.ts";

const registry = new Registry(plugins);

/** Makes a head as a recipe does. */
export async function makeHead(
  use: string,
  options: Readonly<Record<string, unknown>>,
  args: HeadArgs,
): Promise<Head> {
  return await registry.create("head", { use, ...options }, args);
}

/** SEAM's head fitted to the tiny backbone. */
export const TINY_SEAM = {
  low: "t3",
  mid: "t4",
  lowChannels: 8,
  midChannels: 16,
  featureChannels: 24,
} as const;

/** AffinityNet's head fitted to the tiny backbone. */
export const TINY_AFFINITY = {
  low: "t3",
  mid: "t4",
  lowChannels: 4,
  midChannels: 5,
  deepChannels: 6,
} as const;

/** The tiny backbone under a head, with parameters. */
export async function tinyNetwork(
  use: string,
  options: Readonly<Record<string, unknown>>,
  classes: number,
): Promise<{ backbone: Backbone; head: Head; params: ParamStore }> {
  const backbone = await registry.create("backbone", { use: "tiny" }, undefined);
  const head = await makeHead(use, options, { taps: backbone.taps, classes });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  return { backbone, head, params };
}

/** A forward context of training whose random numbers depend on view and sample. */
export function trainingPass(view: number, first = 0): ForwardContext {
  return { training: true, rng: (sample, purpose) => Rng.of(2, view, first + sample, purpose) };
}

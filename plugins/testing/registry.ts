import { type Contracts, type Kind, type Plugin, Registry } from "seamstress";
import { plugins } from "seamstress/plugins";

/** The plugins that ship and some more; one that ships may be among them. */
export function registryWith(more: readonly Plugin[] = []): Registry {
  return new Registry([...new Set<Plugin>([...plugins, ...more])]);
}

/**
 * Makes a plugin's object as a recipe does: options are checked by its schema, defaults filled in, and options that name plugins made.
 *
 * @param plugin what `definePlugin` gives
 * @param options as a recipe writes them
 * @param args what the kind's contract asks for, such as taps and classes for a head
 * @param others plugins that its options name, besides those that ship
 * @returns what the plugin's `create` gives
 * @throws {TypeError} naming every wrong option
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { definePlugin } from "seamstress";
 * import { createPlugin } from "seamstress/testing";
 * import * as z from "zod";
 * const half = definePlugin({
 *   kind: "schedule",
 *   name: "half",
 *   summary: "the second half of training at a lower rate",
 *   options: z.strictObject({ rate: z.number().positive().default(0.1) }),
 *   create: ({ rate }) => ({ factor: (step, total) => step < total / 2 ? 1 : rate }),
 * });
 * const schedule = await createPlugin(half, { rate: 0.2 }, undefined);
 * assertEquals([schedule.factor(0, 4), schedule.factor(3, 4)], [1, 0.2]);
 * ```
 */
export async function createPlugin<K extends Kind>(
  plugin: Plugin<K>,
  options: Readonly<Record<string, unknown>>,
  args: Contracts[K]["args"],
  others: readonly Plugin[] = [],
): Promise<Contracts[K]["plugin"]> {
  const use = { [plugin.kind === "stage" ? "run" : "use"]: plugin.name, ...options };
  return await registryWith([plugin, ...others]).create<K>(plugin.kind, use as never, args);
}

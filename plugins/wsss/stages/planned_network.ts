import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { Head } from "../../../core/contracts/head.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import type { CheckpointFacts } from "./artifacts.ts";

/**
 * Creates the network that an earlier stage of this recipe will train.
 *
 * @param facts that the stage states
 * @param classes foreground classes of the data set
 * @param factory makes backbone and head
 * @returns both; none where the stage describes no network
 */
export async function plannedNetwork(
  { network }: CheckpointFacts,
  classes: number,
  factory: PluginFactory,
): Promise<{ backbone: Backbone; head: Head } | undefined> {
  if (!network) return undefined;
  const backbone = await factory.create("backbone", network.backbone, { classes });
  const args = { taps: backbone.taps, classes };
  return { backbone, head: await factory.create("head", network.head, args) };
}

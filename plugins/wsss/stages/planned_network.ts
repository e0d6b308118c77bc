import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { createNetwork, type Network } from "../training/create_network.ts";
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
): Promise<Network | undefined> {
  return network && await createNetwork(network, classes, factory);
}

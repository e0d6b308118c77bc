import type { PluginFactory } from "../../../core/registry/plugin.ts";
import type { CheckpointFacts } from "./artifacts.ts";
import { plannedNetwork } from "./planned_network.ts";

/**
 * Outputs of the head that a stage of this recipe will train.
 *
 * @param facts that the stage states
 * @param classes foreground classes of the data set
 * @param factory makes backbone and head
 * @returns their names; none where the stage describes no network
 */
export async function plannedOutputs(
  facts: CheckpointFacts,
  classes: number,
  factory: PluginFactory,
): Promise<readonly string[] | undefined> {
  return (await plannedNetwork(facts, classes, factory))?.head.outputs;
}

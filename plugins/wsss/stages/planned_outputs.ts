import type { Maker, Use } from "../../../core/registry/plugin.ts";
import type { Source } from "./source.ts";

/**
 * Outputs of the head that a stage of this recipe will train.
 *
 * @param source the stage
 * @param classes foreground classes of the data set
 * @param maker makes backbone and head
 * @returns their names; none where the stage's options describe no network
 */
export async function plannedOutputs(
  { options }: Source,
  classes: number,
  maker: Maker,
): Promise<readonly string[] | undefined> {
  if (!options["backbone"] || !options["head"]) return undefined;
  // Where a training starts from is the training's matter, not the network's.
  const { weights: _, ...use } = options["backbone"] as Use<"backbone">;
  const { taps } = await maker.create("backbone", use, undefined);
  return (await maker.create("head", options["head"] as Use<"head">, { taps, classes })).outputs;
}

import { type PluginFactory, readSafetensors, userError, type WeightsArgs } from "seamstress";
import { ARTIFACTS, cardOf, plannedNetwork, torchShape } from "seamstress/wsss";
import type { StageSource } from "./source.ts";

/**
 * The network of an earlier stage of the recipe: what it will be is known before the run starts, its numbers are not.
 *
 * @param from the stage
 * @param args of a training; elsewhere `check` fails
 * @param factory makes backbone and head
 * @returns what the weights plugin gives, but for the options
 */
export function ofEarlierStage(
  from: string,
  { classes, earlier, artifact }: WeightsArgs,
  factory: PluginFactory,
): StageSource {
  const planned = async () => {
    if (earlier === undefined || classes === undefined) {
      throw userError(
        new TypeError(
          `Cannot read the weights of stage ${from}: an earlier stage's weights are where a training starts, under backbone.weights`,
        ),
      );
    }
    const { facts } = await earlier(from, ARTIFACTS.checkpoint);
    return await plannedNetwork(facts, classes.length, factory);
  };
  return {
    path: `stage ${from}`,
    from,
    async check() {
      const network = await planned();
      return network === undefined ? {} : cardOf(network.backbone);
    },
    async shapes() {
      const network = await planned();
      if (network === undefined) return undefined;
      return new Map(
        [...network.backbone.params, ...network.head.params].map((spec) =>
          [spec.name, { dtype: "F32" as const, shape: torchShape(spec) }] as const
        ),
      );
    },
    async read() {
      const found = artifact?.(from, ARTIFACTS.checkpoint);
      if (found === undefined) throw new Error(`Cannot read stage ${from} before the run`);
      return (await readSafetensors(`${found.folder}/${found.info.weights}`)).tensors;
    },
  };
}

import * as z from "zod";
import { definePlugin, readSafetensors, userError } from "seamstress";
import { ARTIFACTS, plannedNetwork, torchShape } from "seamstress/wsss";

const globs = z.array(z.string()).optional();

/** The network that an earlier stage of the recipe trained or imported: backbone and head, as its checkpoint has them. */
export const stageWeights = definePlugin({
  kind: "weights",
  name: "stage",
  summary: "the network of an earlier stage",
  options: z.strictObject({
    from: z.string().min(1).describe("Earlier stage that leaves a checkpoint"),
    allowMissing: globs.describe("Parameters that its network may lack, * for any text"),
    allowExtra: globs.describe("Parameters of its network to be ignored, * for any text"),
  }),
  create({ from, allowMissing, allowExtra }, { classes, earlier, artifact }, factory) {
    const planned = async () => {
      if (earlier === undefined || classes === undefined) {
        throw userError(
          new TypeError(
            `Cannot read the weights of stage ${from}: an earlier stage's weights are where a training starts, under backbone.weights`,
          ),
        );
      }
      const { facts } = await earlier(from, ARTIFACTS.checkpoint);
      return await plannedNetwork(facts, classes, factory);
    };
    return {
      path: `stage ${from}`,
      from,
      options: ["allowMissing", "allowExtra"],
      ...allowMissing && { allowMissing },
      ...allowExtra && { allowExtra },
      async check() {
        const network = await planned();
        if (network === undefined) return {};
        const { input: { mean, std }, card } = network.backbone;
        return { mean: mean.join(), std: std.join(), ...card };
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
  },
});

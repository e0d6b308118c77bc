import * as z from "zod";
import { definePlugin, filePath, resolvePath } from "seamstress";
import { ofEarlierStage } from "./stage/earlier.ts";
import { ofAnotherRun } from "./stage/another_run.ts";

const globs = z.array(z.string()).optional();

/**
 * The network that a stage trained or imported, backbone and head, as its checkpoint has them: an earlier stage of this recipe, or a
 * finished one of another run.
 */
export const stageWeights = definePlugin({
  kind: "weights",
  name: "stage",
  summary: "the network of an earlier stage, of this recipe or of another run",
  options: z.strictObject({
    from: z.string().min(1).describe("Stage that leaves a checkpoint"),
    run: filePath().optional().describe(
      "Folder of another run whose finished stage it is; of any recipe, with the same classes. An earlier stage of this recipe where " +
        "not given",
    ),
    allowMissing: globs.describe("Parameters that its network may lack, * for any text"),
    allowExtra: globs.describe("Parameters of its network to be ignored, * for any text"),
  }),
  create({ from, run, allowMissing, allowExtra }, args, factory) {
    const source = run === undefined
      ? ofEarlierStage(from, args, factory)
      : ofAnotherRun(resolvePath(args.base, run), from, args, factory);
    return {
      ...source,
      options: ["allowMissing", "allowExtra"],
      ...allowMissing && { allowMissing },
      ...allowExtra && { allowExtra },
    };
  },
});

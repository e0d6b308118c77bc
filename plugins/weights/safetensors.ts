import * as z from "zod";
import { definePlugin } from "../../core/registry/plugin.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { filePath } from "../../core/registry/plugin_option.ts";
import { readSafetensors, readSafetensorsHeader } from "../../core/formats/safetensors.ts";

const globs = z.array(z.string()).optional();

/** A state dict in a safetensors file, PyTorch names and layouts; its metadata are the card. */
export const safetensorsWeights = definePlugin({
  kind: "weights",
  name: "safetensors",
  summary: "a .safetensors file",
  options: z.strictObject({
    file: filePath().describe("The file"),
    allowMissing: globs.describe("Parameters that the file may lack, * for any text"),
    allowExtra: globs.describe("Tensors of the file to be ignored, * for any text"),
  }),
  create({ file, allowMissing, allowExtra }, { base }) {
    const path = resolvePath(base, file);
    return {
      path,
      ...allowMissing && { allowMissing },
      ...allowExtra && { allowExtra },
      async check() {
        return (await readSafetensorsHeader(path)).metadata;
      },
      async shapes() {
        const { entries } = await readSafetensorsHeader(path);
        return new Map(entries.map(({ name, ...entry }) => [name, entry]));
      },
      async read() {
        return (await readSafetensors(path)).tensors;
      },
    };
  },
});

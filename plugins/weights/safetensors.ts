import * as z from "zod";
import {
  definePlugin,
  filePath,
  readSafetensors,
  readSafetensorsHeader,
  resolvePath,
  userError,
} from "seamstress";
import { prefixesOption, renamed, withoutPrefixes } from "./prefixes.ts";

const globs = z.array(z.string()).optional();

/** A state dict in a safetensors file, PyTorch names and layouts; its metadata are the card. */
export const safetensorsWeights = definePlugin({
  kind: "weights",
  name: "safetensors",
  summary: "a .safetensors file",
  options: z.strictObject({
    file: filePath().describe("The file"),
    prefixes: prefixesOption,
    allowMissing: globs.describe("Parameters that the file may lack, * for any text"),
    allowExtra: globs.describe("Tensors of the file to be ignored, * for any text"),
  }),
  create({ file, prefixes, allowMissing, allowExtra }, { base }) {
    const path = resolvePath(base, file);
    const broken = (problem: string) =>
      userError(new SyntaxError(`Cannot read ${path} as safetensors: ${problem}`));
    const shorter = <T>(by: ReadonlyMap<string, T>) =>
      renamed(by, withoutPrefixes([...by.keys()], prefixes, broken));
    return {
      path,
      options: ["prefixes", "allowMissing", "allowExtra"],
      ...allowMissing && { allowMissing },
      ...allowExtra && { allowExtra },
      async check() {
        return (await readSafetensorsHeader(path)).metadata;
      },
      async shapes() {
        const { entries } = await readSafetensorsHeader(path);
        return shorter(
          new Map(entries.map(({ name, dtype, type, shape }) => [
            name,
            dtype ? { dtype, shape } : { unread: `is of a type that is not read, ${type}` },
          ])),
        );
      },
      async read() {
        return shorter((await readSafetensors(path)).tensors);
      },
    };
  },
});

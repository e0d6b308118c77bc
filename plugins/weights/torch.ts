import * as z from "zod";
import { definePlugin, filePath, FileSource, resolvePath, userError } from "seamstress";
import { prefixesOption, renamed, withoutPrefixes } from "./prefixes.ts";
import { openPth, type Pth } from "./torch/pth.ts";

/** Counter of PyTorch's batch norms (`num_batches_tracked`), which no network here uses. */
const COUNTERS = "*.num_batches_tracked";

const globs = z.array(z.string()).optional();

/** A state dict that `torch.save` wrote, before PyTorch 1.6 or since; nothing in the file is executed. */
export const torchWeights = definePlugin({
  kind: "weights",
  name: "torch",
  summary: "a .pth file of torch.save, either format",
  options: z.strictObject({
    file: filePath().describe("The file"),
    key: z.string().optional().describe(
      "Entry of the file that holds the state dict; without it the entry state_dict, else the only one that is a dict with " +
        "tensors (model, net, …), else the file itself",
    ),
    prefixes: prefixesOption,
    allowMissing: globs.describe("Parameters that the file may lack, * for any text"),
    allowExtra: globs.describe(
      `Tensors of the file to be ignored, * for any text; ${COUNTERS} always are`,
    ),
  }),
  create({ file, key, prefixes, allowMissing, allowExtra = [] }, { base }) {
    const path = resolvePath(base, file);
    const open = (source: FileSource) => openNamed(source, key, prefixes);
    return {
      path,
      options: ["prefixes", "allowMissing", "allowExtra"],
      ...allowMissing && { allowMissing },
      allowExtra: [COUNTERS, ...allowExtra],
      check: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          open(source);
          return {};
        }),
      shapes: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          return open(source).shapes;
        }),
      read: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          return open(source).read();
        }),
    };
  },
});

/** The file's tensors by the names that a network has them. */
function openNamed(source: FileSource, key: string | undefined, prefixes: readonly string[]): Pth {
  const broken = (problem: string) =>
    userError(new SyntaxError(`Cannot read ${source.name} as PyTorch weights: ${problem}`));
  const { shapes, read } = openPth(source, key);
  const names = withoutPrefixes([...shapes.keys()], prefixes, broken);
  return { shapes: renamed(shapes, names), read: () => renamed(read(), names) };
}

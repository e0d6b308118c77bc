import * as z from "zod";
import { FileSource } from "../../core/formats/byte_source.ts";
import { mistake } from "../../core/errors.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { filePath } from "../../core/registry/plugin_option.ts";
import { openPth, type Pth } from "./torch/pth.ts";
import { withoutPrefixes } from "./torch/prefixes.ts";

/** How often PyTorch's batch norms were trained: no network here asks. */
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
      "Entry of the file that holds the state dict; without it the file itself, or its entry state_dict",
    ),
    prefixes: z.array(z.string().min(1)).default([]).describe(
      "Beginnings that names lose, each where it stands: backbone. for networks that the SEAM authors retrained, module. for " +
        "those of DataParallel",
    ),
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
    mistake(new SyntaxError(`Cannot read ${source.name} as PyTorch weights: ${problem}`));
  return withoutPrefixes(openPth(source, key), prefixes, broken);
}

import * as z from "zod";
import { FileSource } from "../../core/byte_source.ts";
import { definePlugin } from "../../core/plugin.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { filePath } from "../../core/ref.ts";
import { openPth } from "./torch/pth.ts";

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
    allowMissing: globs.describe("Parameters that the file may lack, * for any text"),
    allowExtra: globs.describe(
      `Tensors of the file to be ignored, * for any text; ${COUNTERS} always are`,
    ),
  }),
  create({ file, key, allowMissing, allowExtra = [] }, { base }) {
    const path = resolvePath(base, file);
    return {
      path,
      ...allowMissing && { allowMissing },
      allowExtra: [COUNTERS, ...allowExtra],
      check: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          openPth(source, key);
          return {};
        }),
      shapes: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          return openPth(source, key).shapes;
        }),
      read: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          return openPth(source, key).read();
        }),
    };
  },
});

import * as z from "zod";
import { definePlugin, filePath, FileSource, resolvePath, userError } from "seamstress";
import { type NdArrayList, openNdArrayList } from "./mxnet/ndarray_list.ts";
import { resnet38Name } from "./mxnet/resnet38_names.ts";

/** ImageNet's classifier, which psa's `convert_mxnet_to_torch` leaves out too. */
const CLASSIFIER = "linear1000.*";

const globs = z.array(z.string()).optional();

/** Parameters that MXNet saved, under the names that psa gives those of ResNet38. */
export const mxnetWeights = definePlugin({
  kind: "weights",
  name: "mxnet",
  summary: "a .params file of MXNet, ResNet38's names made PyTorch's",
  options: z.strictObject({
    file: filePath().describe("The file"),
    allowMissing: globs.describe("Parameters that the file may lack, * for any text"),
    allowExtra: globs.describe(
      `Arrays of the file to be ignored, * for any text; ${CLASSIFIER} always are`,
    ),
  }),
  create({ file, allowMissing, allowExtra = [] }, { base }) {
    const path = resolvePath(base, file);
    return {
      path,
      options: ["allowMissing", "allowExtra"],
      ...allowMissing && { allowMissing },
      allowExtra: [CLASSIFIER, ...allowExtra],
      check: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          openNamed(source);
          return {};
        }),
      shapes: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          const { shapes } = openNamed(source);
          return new Map([...shapes].map(([name, entry]) => [resnet38Name(name), entry]));
        }),
      read: () =>
        Promise.try(() => {
          using source = FileSource.open(path);
          const arrays = openNamed(source).read();
          return new Map([...arrays].map(([name, array]) => [resnet38Name(name), array]));
        }),
    };
  },
});

/** The file's arrays, no two of which are the same parameter. */
function openNamed(source: FileSource): NdArrayList {
  const list = openNdArrayList(source);
  const seen = new Map<string, string>();
  for (const name of list.names) {
    const parameter = resnet38Name(name);
    const twin = seen.get(parameter);
    if (twin !== undefined) {
      throw userError(
        new SyntaxError(
          `Cannot read ${source.name} as MXNet parameters: "${twin}" and "${name}" both are ${parameter}`,
        ),
      );
    }
    seen.set(parameter, name);
  }
  return list;
}

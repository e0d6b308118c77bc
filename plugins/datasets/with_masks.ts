import * as z from "zod";
import {
  checkFiles,
  type Dataset,
  definePlugin,
  filePath,
  hashJson,
  maskFilesIn,
  pluginOption,
  readMaskAt,
  resolvePath,
  userError,
} from "seamstress";

/**
 * A data set whose masks come from a folder: PNGs of class numbers, one per image name. `train` uses it for the masks of an earlier
 * stage.
 */
export const withMasks = definePlugin({
  kind: "dataset",
  name: "with-masks",
  summary: "another data set, with masks from a folder of PNGs",
  options: z.strictObject({
    dataset: pluginOption("dataset").describe("Where images and labels come from"),
    masks: filePath().describe("Folder of masks, NAME.png each: 0 background, 255 ignored"),
  }),
  async create({ dataset, masks }, args, factory): Promise<Dataset> {
    const inner = await factory.create("dataset", dataset, args);
    const folder = resolvePath(args.base, masks);
    const fileOf = await maskFilesIn(folder);
    const read = (index: number) =>
      readMaskAt(fileOf(inner.name(index)), inner.classes.length, factory.limits.pixels);
    const checkFolder = () => checkFiles("masks", folder, inner, fileOf);
    return {
      classes: inner.classes,
      ...inner.maps && { maps: inner.maps },
      length: inner.length,
      name: (index) => inner.name(index),
      label: (index) => inner.label(index),
      async read(index, { mask, maps = false }) {
        if (!mask) return await inner.read(index, { mask, maps });
        const [sample, found] = await Promise.all([
          inner.read(index, { mask: false, maps }),
          read(index),
        ]);
        const { width, height } = sample.image;
        if (found.width === width && found.height === height) return { ...sample, mask: found };
        throw userError(
          new RangeError(
            `Cannot use mask ${
              fileOf(sample.name)
            }: it is ${found.width}x${found.height}, its image is ${width}x${height}`,
          ),
        );
      },
      readMask: read,
      async check({ mask, maps = false }) {
        await inner.check({ mask: false, maps });
        if (mask) await checkFolder();
      },
      fingerprint: async () => await hashJson([await inner.fingerprint(), await checkFolder()]),
    };
  },
});

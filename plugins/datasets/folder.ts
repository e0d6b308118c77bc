import { definePlugin } from "seamstress";
import { folderCommands } from "./folder/commands.ts";
import { openFolder } from "./folder/open.ts";
import { folderOptions } from "./folder/options.ts";
import { VocDataset } from "./voc/dataset.ts";
import { Listings } from "./voc/files.ts";
import { mapFolders } from "./voc/maps.ts";

/** Data set `folder`: images in one folder per class, or in one folder with a file of labels; masks in another. */
export const folder = definePlugin({
  kind: "dataset",
  name: "folder",
  summary:
    "one folder per class, or a flat folder with labels in CSV, JSON or .npy; masks optional",
  options: folderOptions,
  data: folderCommands,
  async create(options, { split, base, unlabelled = false }, { limits }) {
    const files = new Listings();
    const opened = await openFolder(options, base, files);
    const { classes, root, masks } = opened;
    return new VocDataset({
      split: `split ${split} of ${root}`,
      samples: await opened.samples(split),
      classes,
      labeller: unlabelled
        ? () => new Float32Array(classes.classes.length)
        : await opened.labeller(limits.pixels),
      maskFolders: [masks ?? "no folder: option masks is not stated"],
      labelsNeedMasks: options.labels === "masks" && !unlabelled,
      maps: mapFolders(options.maps, root),
      files,
      limit: limits.pixels,
    });
  },
});

import { definePlugin } from "seamstress";
import { cocoCommands } from "./coco/commands.ts";
import { CocoDataset } from "./coco/dataset.ts";
import { maskOptions, openCoco } from "./coco/open.ts";
import { cocoOptions } from "./coco/options.ts";
import { Listings } from "./voc/files.ts";
import { mapFolders } from "./voc/maps.ts";

/** Data set `coco`: images and objects of an annotation file in COCO's form; image labels and masks are made of the objects. */
export const coco = definePlugin({
  kind: "dataset",
  name: "coco",
  summary: "COCO's instances JSON: labels and masks from polygons and run lengths; crowds ignored",
  options: cocoOptions,
  data: cocoCommands,
  async create(options, { split, base, unlabelled = false }, { limits }) {
    const files = new Listings();
    const opened = await openCoco(options, split, base, files);
    const { annotations, classes, root } = opened;
    return new CocoDataset({
      split: `split ${split} of ${root}`,
      annotations,
      samples: await opened.samples(),
      classes,
      masks: maskOptions(annotations, classes, options, limits.pixels),
      maps: mapFolders(options.maps, root),
      unlabelled,
      files,
    });
  },
});

import { definePlugin } from "seamstress";
import { cocoCommands } from "./coco/commands.ts";
import { openCoco } from "./coco/open.ts";
import { cocoOptions } from "./coco/options.ts";
import { Listings } from "./voc/files.ts";

/** Data set `coco`: images and objects of an annotation file in COCO's form; image labels and masks are made of the objects. */
export const coco = definePlugin({
  kind: "dataset",
  name: "coco",
  summary: "COCO's instances JSON: labels and masks from polygons and run lengths; crowds ignored",
  options: cocoOptions,
  data: cocoCommands,
  create: async (options, args, { limits }) =>
    (await openCoco(options, args, limits.pixels, new Listings())).dataset,
});

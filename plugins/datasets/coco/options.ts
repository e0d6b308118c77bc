import * as z from "zod";
import { filePath } from "seamstress";
import { mapsOption } from "../voc/maps.ts";

/** Options of data set `coco`. */
export const cocoOptions = z.strictObject({
  root: filePath().describe("Folder of the data, which holds annotations and images"),
  annotations: z.string().min(1).default("annotations/instances_{split}.json").describe(
    "Annotation file in root; {split} is the split's name (train2017). Without {split} a split is " +
      "a list of the file's images, or all",
  ),
  images: z.string().min(1).optional().describe(
    "Folder of images in root; where left out SPLIT, images/SPLIT or images",
  ),
  classes: z.array(z.string().min(1)).min(1).max(254).optional()
    .describe("Foreground classes, in order; where left out, all categories in order of their ids"),
  others: z.enum(["background", "ignore"]).default("background")
    .describe("What pixels of categories outside classes become"),
  overlaps: z.enum(["smaller", "first", "last", "ignore"]).default("smaller").describe(
    "Whose a pixel of several objects is: the smaller object's, the first or last in the file's, " +
      "or ignore: nobody's (255)",
  ),
  maps: mapsOption,
  lists: z.string().min(1).default("lists")
    .describe("Folder of split lists in root; a split ending in .txt is a path of its own"),
});

/** Options of data set `coco`, read. */
export type CocoOptions = z.output<typeof cocoOptions>;

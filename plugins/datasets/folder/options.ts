import * as z from "zod";
import { filePath } from "seamstress";
import { mapsOption } from "../voc/maps.ts";

/** Options of data set `folder`. */
export const folderOptions = z.strictObject({
  root: filePath().describe("Folder of the data"),
  images: z.string().min(1).default(".")
    .describe("Folder in root that holds one folder per class, or the images themselves"),
  labels: z.union([
    z.enum(["folders", "masks"]),
    filePath().regex(
      /\.(csv|npy|json)\}?$/,
      "expected folders, masks, or a file ending in .csv, .npy or .json",
    ),
  ]).default("folders").describe(
    "Image labels: folders (an image has the class of its folder), masks, or a file: .csv, .json " +
      "(name → class names), .npy; then the images lie in one folder",
  ),
  classes: z.array(z.string().min(1)).min(1).max(254).optional()
    .describe("Foreground classes, in order; where left out, the class folders in order of name"),
  vocabulary: z.union([z.literal("voc"), z.array(z.string().min(1)).min(1).max(254)]).optional()
    .describe(
      "Classes that masks know, in the order of their numbers from 1, or voc for VOC's; where it " +
        "is left out, VOC's where all classes have names of VOC, else classes",
    ),
  others: z.enum(["background", "ignore"]).default("background")
    .describe("What mask pixels of vocabulary classes outside classes become"),
  masks: z.string().min(1).optional()
    .describe("Folder of masks in root: NAME.png, or CLASS/NAME.png"),
  maps: mapsOption,
  lists: z.string().min(1).default("lists").describe(
    "Folder of split lists in root; a split ending in .txt is a path of its own, all is every image",
  ),
  names: z.enum(["file", "path"]).default("file")
    .describe("Names of images: file (001), or path (cat_001), where classes share file names"),
});

/** Options of data set `folder`, read. */
export type FolderOptions = z.output<typeof folderOptions>;

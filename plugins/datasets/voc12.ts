import * as z from "zod";
import { definePlugin, filePath, resolvePath } from "seamstress";
import { ClassMap, VOC_CLASSES } from "./voc/classes.ts";
import { vocCommands } from "./voc/commands.ts";
import { VocDataset } from "./voc/dataset.ts";
import { findDevkit, findLabels } from "./voc/devkit.ts";
import { Listings } from "./voc/files.ts";
import {
  annotationLabels,
  type Labeller,
  type Located,
  maskLabels,
  tableLabels,
} from "./voc/labels.ts";
import { locate, MASK_FOLDERS } from "./voc/locate.ts";
import { mapFolders, mapsOption } from "./voc/maps.ts";
import { readSplit } from "./voc/split.ts";

const tableFile = () =>
  filePath().regex(/\.(npy|json)\}?$/, "expected masks, xml, or a file ending in .npy or .json");

const options = z.strictObject({
  root: filePath().describe("VOCdevkit/VOC2012, VOCdevkit, or the folder that holds VOCdevkit"),
  labels: z.union([
    z.enum(["masks", "xml"]),
    tableFile(),
    z.strictObject({
      from: z.literal("xml"),
      folder: z.string().min(1).default("Annotations").describe("Folder of annotations in root"),
      difficult: z.boolean().default(true).describe("Whether objects marked difficult count"),
    }),
  ]).describe(
    "Image labels: masks, xml (annotations), or a file: .npy (cls_labels.npy) or .json (name → " +
      "class names); a file that is not where stated is looked for beside the data by its name",
  ),
  classes: z.array(z.string().min(1)).min(1).max(254).default([...VOC_CLASSES])
    .describe("Foreground classes, in order: VOC's, a selection of them, or those of other data"),
  vocabulary: z.union([z.literal("voc"), z.array(z.string().min(1)).min(1).max(254)]).optional()
    .describe(
      "Classes that the data knows, in the order of mask indices from 1 and of label columns, or " +
        "voc for VOC's; where it is left out, VOC's where all classes have names of VOC, else classes",
    ),
  others: z.enum(["background", "ignore"]).default("background")
    .describe("What mask pixels of vocabulary classes outside classes become"),
  lists: z.string().min(1).default("ImageSets/Segmentation")
    .describe(
      "Folder of split lists in root; a split ending in .txt is a path of its own, all is every image",
    ),
  masks: z.array(z.string().min(1)).min(1).optional().describe(
    "Folders of masks in root, the first that has one wins; else what the list's line says, then " +
      "SegmentationClassAug, then SegmentationClass",
  ),
  maps: mapsOption,
});

/** Data set `voc12`: PASCAL VOC 2012, or any data in its layout. */
export const voc12 = definePlugin({
  kind: "dataset",
  name: "voc12",
  summary: "VOCdevkit layout, any class list; labels from masks, XML, .npy or JSON",
  options,
  data: vocCommands,
  async create(
    { root, labels, classes, vocabulary, others, lists, masks, maps },
    args,
    { limits },
  ) {
    const { split, base, unlabelled = false } = args;
    const files = new Listings();
    const top = resolvePath(base, root);
    const devkit = await findDevkit(top, files);
    const map = ClassMap.of(classes, vocabulary, others);
    const maskFolders = (masks ?? MASK_FOLDERS).map((folder) => resolvePath(devkit, folder));
    const samples: Located[] = [];
    for (const entry of await readSplit(split, lists, devkit, base, files)) {
      samples.push(await locate(entry, devkit, maskFolders, masks === undefined, files));
    }
    let labeller: Labeller;
    if (unlabelled) labeller = () => new Float32Array(map.classes.length);
    else if (labels === "masks") labeller = maskLabels(map, limits.pixels);
    else if (typeof labels === "string" && labels !== "xml") {
      labeller = await tableLabels(await findLabels(labels, base, top, devkit, files), map);
    } else {
      const { folder, difficult } = labels === "xml"
        ? { folder: "Annotations", difficult: true }
        : labels;
      labeller = annotationLabels(resolvePath(devkit, folder), difficult, map);
    }
    return new VocDataset({
      split: `split ${split} of ${devkit}`,
      samples,
      classes: map,
      labeller,
      maskFolders,
      labelsNeedMasks: labels === "masks" && !unlabelled,
      maps: mapFolders(maps, devkit),
      files,
      limit: limits.pixels,
    });
  },
});

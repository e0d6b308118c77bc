import * as z from "zod";
import { type Cams, hasCams, writeCams } from "../../core/cam_store.ts";
import type { Dataset } from "../../core/contracts/dataset.ts";
import type { StageContext, StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import { readCamDict } from "../../core/interchange/cam_dict.ts";
import { definePlugin } from "../../core/plugin.ts";
import { readAhead } from "../../core/read_ahead.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { filePath } from "../../core/ref.ts";
import { checkFiles } from "./folder_files.ts";
import { classesOfFiles, fileClasses } from "./interchange/class_order.ts";

/** Folder of the CAMs within the stage's. */
const CAMS = "cams";

/** Images whose files are read while one is written. */
const AHEAD = 4;

const options = z.strictObject({
  cams: filePath()
    .describe("Folder of NAME.npy, dict of class number from 0 to map, as infer_SEAM.py --out_cam"),
  split: z.string().min(1).describe("Split of the data set that they are of"),
  classes: fileClasses,
});
type Options = z.output<typeof options>;

const npyFile = (folder: string, name: string) => `${folder}/${name}.npy`;

async function check(settings: Options, { maker, dataset: use, base }: StagePlan) {
  const dataset = await maker.create("dataset", use, { split: settings.split, base });
  const folder = resolvePath(base, settings.cams);
  const files = await checkFiles("CAMs", folder, dataset, (name) => npyFile(folder, name));
  await dataset.check({ mask: false });
  return [files, await dataset.fingerprint()];
}

/** Reads one image's maps, which must be finite and of its size. */
async function readMaps(
  path: string,
  dataset: Dataset,
  index: number,
  classes: readonly number[],
): Promise<Cams> {
  const { image } = await dataset.read(index, { mask: false });
  const { width, height } = image;
  const { maps } = await readCamDict(path, { classes: classes.length, size: { width, height } });
  for (const [number, map] of maps) {
    if (map.every(Number.isFinite)) continue;
    throw mistake(
      new RangeError(
        `Cannot read CAMs from ${path}: the map of class ${number} holds a value that is no finite number`,
      ),
    );
  }
  const known = [...maps].map(([number, map]) => [classes[number]!, map] as const)
    .filter(([c]) => c >= 0);
  return { width, height, maps: new Map(known) };
}

async function run(settings: Options, context: StageContext) {
  const { id, maker, base, observers } = context;
  const { split } = settings;
  const dataset = await maker.create("dataset", context.dataset, { split, base });
  const classes = classesOfFiles(settings.classes, dataset.classes);
  const source = resolvePath(base, settings.cams);
  const folder = `${context.folder}/${CAMS}`;
  await Deno.mkdir(folder, { recursive: true });
  const total = dataset.length;
  const read = async (i: number) => {
    const name = dataset.name(i);
    if (await hasCams(folder, name)) return undefined;
    return { name, cams: await readMaps(npyFile(source, name), dataset, i, classes) };
  };
  let done = 0;
  for await (const item of readAhead(total, AHEAD, read)) {
    if (item) await writeCams(folder, item.name, { cams: item.cams });
    await observers.progress({ stage: id, done: ++done, total, unit: "images" });
  }
  return {
    kind: "cams",
    info: {
      cams: CAMS,
      split,
      dataset: context.dataset,
      base,
      classes: dataset.classes,
      // They come from no checkpoint of this run: the stage's name stands for both.
      output: id,
      checkpoint: id,
      images: total,
      longSide: null,
      save: ["cams"],
      imported: source,
    },
    announce: { kind: "cams", path: `stages/${id}/${CAMS}` },
  };
}

/** Takes CAMs that the SEAM authors' pipeline wrote, for every stage that reads those of `infer`. */
export const importCamsStage = definePlugin({
  kind: "stage",
  name: "import-cams",
  summary: "reads the SEAM authors' CAM files, .npy → CAMs of every image",
  options,
  create: (settings) => ({
    from: [],
    gives: "cams",
    keeps: ["cams"],
    check: (plan) => check(settings, plan),
    run: (context) => run(settings, context),
  }),
});

import * as z from "zod";
import {
  checkFiles,
  type Dataset,
  definePlugin,
  filePath,
  finishedArtifact,
  plannedArtifact,
  readAhead,
  resolvePath,
  type StageContext,
  type StagePlan,
  userError,
} from "seamstress";
import { ARTIFACTS, type Cams, hasCams, readCamDict, STORES, writeCams } from "seamstress/wsss";
import { ClassNumbers, type NumberedImage } from "./interchange/class_numbers.ts";
import { classesOfFiles, fileClasses } from "./interchange/class_order.ts";

/** Folder of the CAMs within the stage's. */
const CAMS = "cams";

/** Images whose files are read while one is written. */
const AHEAD = 4;

/** Images whose files are read before the run starts. */
const CHECKED = 16;

const options = z.strictObject({
  cams: filePath()
    .describe(
      "Folder of NAME.npy, dict of class number from 0 to map, as infer_SEAM.py --out_cam, or IRN's CAM files",
    ),
  split: z.string().min(1).describe("Split of the data set that they are of"),
  classes: fileClasses,
  store: z.enum(STORES).optional()
    .describe("How to keep them: float16, compressed (where not given), or float32 as they are"),
});
type Options = z.output<typeof options>;

const npyFile = (folder: string, name: string) => `${folder}/${name}.npy`;

async function check(settings: Options, { factory, dataset: use, base }: StagePlan) {
  const dataset = await factory.create("dataset", use, { split: settings.split, base });
  const folder = resolvePath(base, settings.cams);
  const files = await checkFiles("CAMs", folder, dataset, (name) => npyFile(folder, name));
  await dataset.check({ mask: false });
  await checkSome(folder, dataset, classesOfFiles(settings.classes, dataset.classes));
  return [files, await dataset.fingerprint()];
}

/** Reads the files of a few images all over the split, so that a folder of another form is refused before any work. */
async function checkSome(folder: string, dataset: Dataset, classes: readonly number[]) {
  const numbers = new ClassNumbers(folder, dataset.classes, classes);
  const count = Math.min(CHECKED, dataset.length);
  const read = (k: number) => {
    const i = Math.floor(k * dataset.length / count);
    return readMaps(npyFile(folder, dataset.name(i)), dataset, i, classes);
  };
  for await (const { numbered } of readAhead(count, AHEAD, read)) numbers.add(numbered);
  numbers.conclude();
}

/** Reads one image's maps, which must be finite and of its size. */
async function readMaps(
  path: string,
  dataset: Dataset,
  index: number,
  classes: readonly number[],
): Promise<{ readonly cams: Cams; readonly numbered: NumberedImage }> {
  const { image, label } = await dataset.read(index, { mask: false });
  const { width, height } = image;
  const { maps } = await readCamDict(path, { classes: classes.length, size: { width, height } });
  for (const [number, map] of maps) {
    if (map.every(Number.isFinite)) continue;
    throw userError(
      new RangeError(
        `Cannot read CAMs from ${path}: the map of class ${number} holds a value that is no finite number`,
      ),
    );
  }
  const known = [...maps].map(([number, map]) => [classes[number]!, map] as const)
    .filter(([c]) => c >= 0);
  return {
    cams: { width, height, maps: new Map(known) },
    numbered: { path, numbers: [...maps.keys()], label },
  };
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, observers } = context;
  const { split } = settings;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  const classes = classesOfFiles(settings.classes, dataset.classes);
  const source = resolvePath(base, settings.cams);
  const folder = `${context.folder}/${CAMS}`;
  await Deno.mkdir(folder, { recursive: true });
  const total = dataset.length;
  const read = async (i: number) => {
    const name = dataset.name(i);
    // Those of an import that was stopped count too, or what is left would be judged alone.
    const stored = await hasCams(folder, name);
    return { name, stored, ...await readMaps(npyFile(source, name), dataset, i, classes) };
  };
  const numbers = new ClassNumbers(source, dataset.classes, classes);
  let done = 0;
  for await (const { name, stored, cams, numbered } of readAhead(total, AHEAD, read)) {
    numbers.add(numbered);
    if (!stored) await writeCams(folder, name, { cams }, context.write, settings.store);
    await observers.progress({ stage: id, done: ++done, total, unit: "images" });
  }
  try {
    const remark = numbers.conclude();
    if (remark !== undefined) await observers.note({ stage: id, text: remark });
  } catch (error) {
    // Left there, they would be taken for finished when the run goes on.
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  return finishedArtifact(ARTIFACTS.cams, {
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
  }, { kind: "cams", path: `stages/${id}/${CAMS}` });
}

/** Imports CAMs that the SEAM authors' pipeline wrote, for every stage that reads those of `infer`. */
export const importCamsStage = definePlugin({
  kind: "stage",
  name: "import-cams",
  summary: "reads CAM files of the SEAM authors or of IRN, .npy → CAMs of every image",
  options,
  create: (settings) => ({
    from: [],
    check: (plan) => check(settings, plan),
    gives: () => plannedArtifact(ARTIFACTS.cams, { split: settings.split, keeps: ["cams"] }),
    run: (context) => run(settings, context),
  }),
});

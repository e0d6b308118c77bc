import * as z from "zod";
import {
  type ArtifactKind,
  checkFiles,
  type Dataset,
  defineArtifact,
  definePlugin,
  encodeIndexedPng,
  finishedArtifact,
  maskFile,
  plannedArtifact,
  type Raster,
  readAhead,
  readMask,
  type Sample,
  type StageContext,
  type StageEstimate,
  type StagePlan,
  userError,
  vocPalette,
} from "seamstress";
import { ARTIFACTS, MASK_BYTES } from "seamstress/wsss";
import { estimateFiles } from "./export/estimate.ts";
import { packArchive } from "./export_test_archive/archive.ts";

/** The archive, within the stage's folder. */
const ARCHIVE = "results.zip";

/** Images whose files are read while one is checked. */
const AHEAD = 4;

/** Masks as the evaluation server takes them. */
interface TestArchive {
  /** The archive, relative to the artifact's folder. */
  readonly archive: string;
  readonly split: string;
  readonly images: number;
  /** Folder of the masks within the archive. */
  readonly root: string;
}
const TEST_ARCHIVE: ArtifactKind<"archive", TestArchive> = defineArtifact({
  name: "archive",
  info: z.object({ archive: z.string(), split: z.string(), images: z.number(), root: z.string() }),
});

const word = z.string().regex(/^[\w-]+$/, "expected letters, digits, _ and -");

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose masks are handed in"),
  year: word.default("VOC2012").describe("The challenge, as its folder is named"),
  competition: z.enum(["comp5", "comp6"]).default("comp6")
    .describe("comp5: trained on the challenge's data alone; comp6: on any, ImageNet for one"),
  set: word.default("test").describe("The images' set, as the server names it"),
});
type Options = z.output<typeof options>;

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { facts: { split, keeps } } = await plan.earlier(settings.from, ARTIFACTS.masks);
  if (!keeps.includes("mask")) {
    throw userError(
      new TypeError(
        `Cannot plan stage ${plan.id}: it hands in a class for every pixel, stage "${settings.from}" ` +
          `keeps ${
            keeps.join(", ")
          }, whose 255 is no class; name a stage that runs refine or segment`,
      ),
    );
  }
  const { factory, dataset, base } = plan;
  const opened = await factory.create("dataset", dataset, { split, base, unlabelled: true });
  await opened.check({ mask: false });
  return [await opened.fingerprint()];
}

async function estimate({ from }: Options, plan: StagePlan): Promise<StageEstimate> {
  const { facts: { split } } = await plan.earlier(from, ARTIFACTS.masks);
  const { factory, dataset, base } = plan;
  const opened = await factory.create("dataset", dataset, { split, base, unlabelled: true });
  const bytes = ({ image: { width, height } }: Sample) => MASK_BYTES * width * height;
  return await estimateFiles({ [split]: opened }, { mask: false, bytes });
}

/** The server scores pixel by pixel: a mask of another size, or of a class that it does not know, would fail there. */
function checkMask(path: string, mask: Raster, image: Raster, classes: number): void {
  const refuse = (problem: string) =>
    userError(new RangeError(`Cannot hand in mask ${path}: ${problem}`));
  if (mask.width !== image.width || mask.height !== image.height) {
    throw refuse(
      `it is ${mask.width}x${mask.height}, its image is ${image.width}x${image.height}`,
    );
  }
  const unknown = mask.data.findIndex((label) => label > classes);
  if (unknown >= 0) {
    throw refuse(
      `it holds ${mask.data[unknown]} at x ${unknown % mask.width}, y ${
        Math.floor(unknown / mask.width)
      }; every pixel needs a class, 0 to ${classes}`,
    );
  }
}

/** Reads an image's mask and checks it against the photograph. */
async function readChecked(folder: string, dataset: Dataset, index: number, limit: number) {
  const name = dataset.name(index), classes = dataset.classes.length;
  const [mask, { image }] = await Promise.all([
    readMask(folder, name, classes, limit),
    dataset.read(index, { mask: false }),
  ]);
  checkMask(maskFile(folder, name), mask, image, classes);
  return { name, mask };
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, observers } = context;
  const { folder: source, info } = context.artifact(settings.from, ARTIFACTS.masks);
  const { split } = info;
  const dataset = await factory.create("dataset", context.dataset, {
    split,
    base,
    unlabelled: true,
  });
  const masks = `${source}/${info.masks}`;
  await checkFiles("masks", masks, dataset, (name) => maskFile(masks, name));
  const { year, competition, set } = settings;
  const root = `results/${year}/Segmentation/${competition}_${set}_cls`;
  const palette = vocPalette();
  const files = new Map<string, Uint8Array>();
  const total = dataset.length;
  const read = (i: number) => readChecked(masks, dataset, i, factory.limits.pixels);
  for await (const { name, mask } of readAhead(total, AHEAD, read)) {
    files.set(`${root}/${name}.png`, encodeIndexedPng(mask, palette));
    await observers.progress({ stage: id, done: files.size, total, unit: "images" });
  }
  await context.write(`${context.folder}/${ARCHIVE}`, packArchive(files));
  return finishedArtifact(
    TEST_ARCHIVE,
    { archive: ARCHIVE, split, images: total, root },
    { kind: "archive", path: `stages/${id}/${ARCHIVE}` },
  );
}

/** Packs masks as the VOC evaluation server takes them; what `run: export-test` names. */
export const exportTestStage = definePlugin({
  kind: "stage",
  name: "export-test",
  summary: "packs masks for the VOC evaluation server → zip archive",
  options,
  create: (settings) => ({
    from: [settings.from],
    gives: () => plannedArtifact(TEST_ARCHIVE, {}),
    check: (plan) => check(settings, plan),
    shards: "last",
    estimate: (plan) => estimate(settings, plan),
    run: (context) => run(settings, context),
  }),
});

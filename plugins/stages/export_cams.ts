import * as z from "zod";
import {
  type ArtifactKind,
  defineArtifact,
  definePlugin,
  filePath,
  finishedArtifact,
  plannedArtifact,
  readAhead,
  resolvePath,
  type StageContext,
  type StageEstimate,
  type StagePlan,
  userError,
  writeAtomic,
} from "seamstress";
import { ARTIFACTS, type Cams, readCams, reducedSize, writeCamDict } from "seamstress/wsss";
import { estimateFiles } from "./export/estimate.ts";
import { removeIfThere, writeNewFolder } from "./export/new_folder.ts";
import { fileClasses, numbersInFiles } from "./interchange/class_order.ts";

/** Images whose files are read while one is written. */
const AHEAD = 4;

/** CAMs as files for other programs. */
interface CamFiles {
  readonly folder: string;
  readonly images: number;
  /** Their classes, by number from 0. */
  readonly classes: readonly string[];
}
const CAM_FILES: ArtifactKind<"cam-files", CamFiles> = defineArtifact({
  name: "cam-files",
  info: z.object({ folder: z.string(), images: z.number(), classes: z.array(z.string()) }),
});

const options = z.strictObject({
  from: z.string().min(1).describe("Earlier stage whose CAMs are written"),
  to: filePath().optional()
    .describe("Folder to make, which must not exist; npy in the stage's own folder by default"),
  classes: fileClasses,
});
type Options = z.output<typeof options>;

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { facts: { split, keeps } } = await plan.earlier(settings.from, ARTIFACTS.cams);
  if (!keeps.includes("cams")) {
    throw userError(
      new TypeError(
        `Cannot plan stage ${id}: it reads CAMs, stage "${settings.from}" keeps ${
          keeps.join(", ")
        }`,
      ),
    );
  }
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  numbersInFiles(id, settings.classes, dataset.classes);
  return [await dataset.fingerprint()];
}

/** Bytes of a file besides its maps: Python's pickle of a dict. */
const HEADER = 256;

async function estimate({ from }: Options, plan: StagePlan): Promise<StageEstimate> {
  const { facts: { split, longSide } } = await plan.earlier(from, ARTIFACTS.cams);
  const dataset = await plan.factory.create("dataset", plan.dataset, { split, base: plan.base });
  return await estimateFiles({ [split]: dataset }, {
    mask: false,
    bytes: ({ image, label }) => {
      const { width, height } = reducedSize(image, longSide);
      const maps = Math.max(label.filter((present) => present > 0).length, 1);
      return HEADER + 4 * maps * width * height;
    },
  });
}

/** Maps by the files' numbers; the authors' scripts cannot read a file without any, and one of zeros means the same to them. */
function renumber({ width, height, maps }: Cams, numbers: readonly number[]): Cams {
  const renumbered = new Map([...maps].map(([c, map]) => [numbers[c]!, map]));
  if (maps.size === 0) renumbered.set(0, new Float32Array(width * height));
  return { width, height, maps: renumbered };
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, observers } = context;
  const { folder: source, info } = context.artifact(settings.from, ARTIFACTS.cams);
  const dataset = await factory.create("dataset", context.dataset, {
    split: info.split,
    base,
  });
  const numbers = numbersInFiles(id, settings.classes, dataset.classes);
  const own = `${context.folder}/npy`;
  // What a run that was killed here left behind may go; a folder that the user named may not.
  if (settings.to === undefined) await removeIfThere(own);
  const folder = settings.to === undefined ? own : resolvePath(base, settings.to);
  const total = dataset.length;
  const read = async (i: number) => {
    const name = dataset.name(i);
    const { cams } = await readCams(`${source}/${info.cams}`, name);
    if (cams) return { name, cams };
    throw userError(
      new TypeError(`Cannot export ${name}: stage "${settings.from}" kept no CAMs of it`),
    );
  };
  await writeNewFolder(folder, async (partial) => {
    let done = 0;
    for await (const { name, cams } of readAhead(total, AHEAD, read)) {
      await writeCamDict(`${partial}/${name}.npy`, renumber(cams, numbers), writeAtomic);
      await observers.progress({ stage: id, done: ++done, total, unit: "images" });
    }
  });
  return finishedArtifact(CAM_FILES, {
    folder,
    images: total,
    classes: settings.classes ?? dataset.classes,
  });
}

/** Writes CAMs for the SEAM authors' pipeline: its `evaluation.py` and `infer_aff.py`. */
export const exportCamsStage = definePlugin({
  kind: "stage",
  name: "export-cams",
  summary: "writes CAMs as the SEAM authors' scripts read them, .npy",
  options,
  create: (settings) => ({
    from: [settings.from],
    gives: () => plannedArtifact(CAM_FILES, {}),
    check: (plan) => check(settings, plan),
    shards: "last",
    estimate: (plan) => estimate(settings, plan),
    run: (context) => run(settings, context),
  }),
});

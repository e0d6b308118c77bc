import {
  type PluginFactory,
  type StageContext,
  type StagePlan,
  userError,
  withAction,
} from "seamstress";
import {
  checkLabelled,
  exampleImages,
  type Judge,
  labelledImages,
  type Model,
  multiScaleCam,
  type Parts,
  readTrainingCams,
  reduceLongSide,
  type TrainingCams,
  trainingCamsFolder,
  type TrainingOptions as Options,
  writeCams,
  writeTrainingCams,
} from "seamstress/wsss";
import { foundCamOutput } from "./cam_output.ts";
import { type IsDue, isDue, neverDue, type Steps } from "./interval.ts";

/** Stores CAMs of a few images while a network trains. */
export interface CamWriter {
  readonly isDue: IsDue;
  /** Stores those of the network as it stands; every rank calls it. @param step optimizer steps done */
  store(step: number): Promise<void>;
}

/**
 * Fails where a training could not store CAMs as its options say.
 *
 * @param settings of the training
 * @param plan of the stage
 * @param parts what trains
 * @param steps of an epoch, and of all
 */
export async function checkTrainingCams(
  { cams, head: { use } }: Options,
  { id, factory, base, dataset: data }: StagePlan,
  { head }: Pick<Parts, "head">,
  steps: Steps,
): Promise<void> {
  if (cams === undefined) return;
  const { split, output } = cams;
  const refuse = (problem: string) =>
    userError(new TypeError(`Cannot plan stage ${id}: ${problem}`));
  if (foundCamOutput(cams, head.outputs) === undefined) {
    throw refuse(
      `cams reads ${output ?? "cam_rv or cam"}, but the outputs of head ${use} are ${
        head.outputs.join(", ")
      }`,
    );
  }
  const never = neverDue("cams", cams, steps);
  if (never !== undefined) throw refuse(never);
  checkLabelled(id, split, await factory.create("dataset", data, { split, base }));
}

/**
 * Prepares storing CAMs of a few images while a network trains: each image once, as inference sees it; ranks share them. What was
 * stored first is kept, and what was stored last.
 *
 * @param settings of the training
 * @param context of the stage
 * @param model the network
 * @param factory makes the data set
 * @returns undefined where none are to be stored
 */
export async function makeTrainingCams(
  { cams }: Options,
  context: StageContext,
  model: Model,
  factory: PluginFactory,
): Promise<CamWriter | undefined> {
  if (cams === undefined) return undefined;
  const { base, group, backend, folder, write } = context;
  const { split, longSide } = cams;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  const output = foundCamOutput(cams, model.head.outputs)!;
  const labelled = labelledImages(dataset);
  const images = exampleImages(labelled.length, cams.images)
    .map((i) => ({ index: labelled[i]!, name: dataset.name(labelled[i]!) }));
  const about = {
    split,
    dataset: context.dataset,
    base,
    classes: dataset.classes,
    output,
    images,
  };
  const before = group.rank === 0 ? await readTrainingCams(folder) : undefined;
  const what = ({ split, output, images }: Pick<TrainingCams, "split" | "output" | "images">) =>
    JSON.stringify([split, output, images]);
  // With other images than before, there is no first to compare with yet.
  let first = before && what(before) === what(about) ? before.steps[0] : undefined;
  return {
    isDue: isDue(cams),
    async store(step) {
      const into = trainingCamsFolder(folder, step);
      await Deno.mkdir(into, { recursive: true });
      for (const { index, name } of images.filter((_, i) => i % group.size === group.rank)) {
        const { image, label } = await dataset.read(index, { mask: false });
        const once = { scales: [1], flip: false, output };
        const { cams } = await multiScaleCam(model, reduceLongSide(image, longSide), label, once)
          .catch((error) => {
            throw withAction(`Cannot infer the CAMs of ${name} after step ${step}`, error);
          });
        await backend.check();
        await writeCams(into, name, { cams }, write);
        // Images have their own sizes.
        backend.purge();
      }
      await group.barrier();
      if (group.rank > 0) return;
      // A run that was killed may go on from before the first.
      first = Math.min(first ?? step, step);
      await writeTrainingCams(folder, { ...about, steps: [...new Set([first, step])] }, write);
    },
  };
}

/**
 * Stores CAMs before a training is judged.
 *
 * @param judge of the training
 * @param writer undefined where none are to be stored
 * @returns a judge of the same verdicts
 */
export function judgeAfterCams(judge: Judge, writer: CamWriter | undefined): Judge {
  if (writer === undefined) return judge;
  return async (at, before) => {
    const { step, epoch, losses } = at;
    if (writer.isDue(step, losses !== undefined, epoch)) await writer.store(step);
    return await judge(at, before);
  };
}

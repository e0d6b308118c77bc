import {
  checkFiles,
  type Dataset,
  maskFile,
  type Method,
  type StageContext,
  type StagePlan,
  type Use,
  userError,
} from "seamstress";
import { ARTIFACTS, checkImages } from "seamstress/wsss";

/** The options that say where masks come from. */
interface MaskOptions {
  readonly split: string;
  readonly masks?: string | undefined;
  readonly method: Use<"method">;
}

/**
 * Whether masks must be read.
 *
 * @param method that will train
 * @returns whether it learns from masks
 */
export function wantsMask(method: Method): boolean {
  return method.targets?.includes("mask") ?? false;
}

/**
 * Fails where a method learns from maps that the data set does not have.
 *
 * @param id of the stage
 * @param use the method's name
 * @param method that will train
 * @param dataset whose images will be trained on
 * @throws {RangeError} naming the map, and those that there are
 */
export function checkTargets(id: string, use: string, method: Method, dataset: Dataset): void {
  const { maps = [] } = dataset;
  const missing = method.targets?.find((name) => name !== "mask" && !maps.includes(name));
  if (missing === undefined) return;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: method ${use} learns from map ${missing}; maps of the data set: ${
        maps.join(", ") || "none"
      } (its option maps)`,
    ),
  );
}

/**
 * Checks, before the run starts, that the stage that masks come from gives masks of every image, and that they are wanted.
 *
 * @param settings options of the training
 * @param plan of the training
 * @param method that will train
 * @param dataset whose images will be trained on
 * @throws {TypeError} where the method learns from no masks, or the stage gives none
 * @throws {RangeError} where there is no such stage, or it lacks an image
 */
export async function checkMasks(
  { split, masks, method: { use } }: MaskOptions,
  plan: StagePlan,
  method: Method,
  dataset: Dataset,
): Promise<void> {
  if (masks === undefined) return;
  if (!wantsMask(method)) {
    throw userError(
      new TypeError(
        `Cannot plan stage ${plan.id}: it is to learn from masks of stage "${masks}", but method ` +
          `${use} learns from image labels only`,
      ),
    );
  }
  await plan.earlier(masks, ARTIFACTS.masks);
  await checkImages(plan, masks, dataset, split);
}

/**
 * Finds the folder of an earlier stage's masks.
 *
 * @param from id of the stage; `undefined` where the data set's masks are used
 * @param dataset whose images will be trained on
 * @param context of the training
 * @returns the folder, in which every image has its mask
 * @throws {Deno.errors.NotFound} naming masks that are missing
 */
export async function findMasks(
  from: string | undefined,
  dataset: Dataset,
  context: StageContext,
): Promise<string | undefined> {
  if (from === undefined) return undefined;
  const { folder, info } = context.artifact(from, ARTIFACTS.masks);
  const masks = `${folder}/${info.masks}`;
  await checkFiles("masks", masks, dataset, (name) => maskFile(masks, name));
  return masks;
}

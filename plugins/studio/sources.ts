import {
  type Dataset,
  messageOf,
  type PluginFactory,
  readArtifact,
  type Use,
  userError,
} from "seamstress";
import { ARTIFACTS, USUAL_ALPHA } from "seamstress/wsss";
import { readMark } from "./read_mark.ts";
import type { RecipeStage, RunDetails, RunRecipe } from "./read_run.ts";

/** A stage that made maps of images. */
export interface Source {
  readonly stage: string;
  readonly kind: "cams" | "masks";
  /** Such as `cam_rv of seam`. */
  readonly label: string;
  /** Images that it was run on; it may have maps of those of others, which hold some of the same. */
  readonly split: string;
  /** Threshold at which its CAMs become masks: what an evaluation of it used, else the usual one. Masks do not change with it. */
  readonly alpha: number;
  /** Folder with a file an image. */
  readonly folder: string;
  /** False while the stage is at work, or where it was stopped. */
  readonly finished: boolean;
  /** Names the very execution that made them. */
  readonly made?: string;
}

/** Images that a stage of a run made maps of. */
export interface Split {
  readonly split: string;
  readonly dataset: Use<"dataset">;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Every stage that made maps of images of this data set, in the recipe's order; of these images, or of some of them. */
  readonly sources: readonly Source[];
}

/** A source, and the data set of its images. */
interface Found {
  readonly source: Source;
  readonly dataset: Use<"dataset">;
  readonly base: string;
}

interface Settings {
  readonly recipe: RunRecipe;
  readonly base: string;
  /** By the id of a stage. */
  alphaOf(stage: string): number;
}

const named = (checkpoint: string, output: string) =>
  checkpoint === output ? output : `${output} of ${checkpoint}`;

/** CAMs of a stage that has not finished: what it reads is in the recipe. */
function begun(
  stage: RecipeStage,
  folder: string,
  { recipe, base, alphaOf }: Settings,
): Found | undefined {
  const { id, run, split, from, output } = stage;
  const dataset = (stage["dataset"] ?? recipe["dataset"]) as Use<"dataset"> | undefined;
  if (run !== "infer" || typeof split !== "string" || !dataset) return undefined;
  const label = named(String(from ?? id), String(output ?? "CAMs"));
  const source: Source = {
    stage: id,
    kind: "cams",
    label,
    split,
    alpha: alphaOf(id),
    folder: `${folder}/cams`,
    finished: false,
  };
  return { source, dataset, base };
}

async function sourceOf(
  run: string,
  stage: RecipeStage,
  settings: Settings,
): Promise<Found | undefined> {
  const folder = `${run}/stages/${stage.id}`;
  const marker = await readMark(folder).catch(() => undefined);
  if (!marker) return undefined;
  if (!marker.artifact) return begun(stage, folder, settings);
  const stored = { ...marker.artifact, folder };
  const cams = readArtifact(stored, ARTIFACTS.cams);
  const masks = readArtifact(stored, ARTIFACTS.masks);
  const found = cams ?? masks;
  if (!found || cams && cams.info.save?.includes("cams") === false) return undefined;
  const { id } = stage, { checkpoint = id, output = id } = found.info;
  return {
    dataset: found.info.dataset,
    base: found.info.base,
    source: {
      stage: id,
      kind: cams ? "cams" : "masks",
      label: named(checkpoint, output),
      split: found.info.split,
      alpha: settings.alphaOf(id),
      folder: `${folder}/${cams ? cams.info.cams : masks!.info.masks}`,
      finished: true,
      ...marker.made !== undefined && { made: marker.made },
    },
  };
}

/** Thresholds that evaluations used, by the stage whose CAMs they scored. */
function alphasOf({ stages = [] }: RunDetails): ReadonlyMap<string, number> {
  return new Map(stages.flatMap(({ result }) => {
    const alpha = result?.table.summary["alpha"];
    return result && alpha !== undefined ? [[result.about.from, alpha] as const] : [];
  }));
}

/**
 * Finds what stages of a run made maps of.
 *
 * @param folder of the run
 * @param run what it holds
 * @returns splits in the order of the recipe's stages; none of a damaged run
 */
export async function findSplits(folder: string, run: RunDetails): Promise<readonly Split[]> {
  const { recipe, manifest } = run, base = manifest?.["base"];
  if (!recipe) return [];
  const alphas = alphasOf(run);
  const settings: Settings = {
    recipe,
    base: typeof base === "string" ? base : folder,
    alphaOf: (stage) => alphas.get(stage) ?? USUAL_ALPHA,
  };
  const found = (await Promise.all(
    recipe.stages.map((stage) => sourceOf(folder, stage, settings)),
  )).filter((one) => one !== undefined);
  const data = ({ dataset, base }: Found) => JSON.stringify([dataset, base]);
  const key = (one: Found) => `${data(one)} ${one.source.split}`;
  return found.filter((one, i) => found.findIndex((other) => key(other) === key(one)) === i)
    .map((one) => ({
      split: one.source.split,
      dataset: one.dataset,
      base: one.base,
      sources: found.filter((other) => data(other) === data(one)).map(({ source }) => source),
    }));
}

/**
 * Opens the images of a split by the plugins that ship: those that a recipe names itself would be programs to run.
 *
 * @param split of a run
 * @param factory makes the data set
 * @returns the data set
 * @throws {Error} where its files are gone, or its plugin does not ship
 */
export async function openSplit(split: Split, factory: PluginFactory): Promise<Dataset> {
  const { split: images, base, dataset } = split;
  const open = (more: { unlabelled?: true }) =>
    factory.create("dataset", dataset, { split: images, base, ...more });
  try {
    // A test split has no labels; where it fails again, it is for another reason.
    return await open({}).catch(() => open({ unlabelled: true }));
  } catch (error) {
    throw userError(
      new Error(`Cannot show images of ${split.split}: ${messageOf(error)}`, { cause: error }),
    );
  }
}

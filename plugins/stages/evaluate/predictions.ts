import { type Artifact, type Dataset, maskFilesIn, type Raster, readMaskAt } from "seamstress";
import {
  type Artifacts,
  type Choice,
  readCams,
  type Result,
  type StoredCams,
} from "seamstress/wsss";

/** The prediction of one image. */
export interface Predicted extends StoredCams {
  /** Class of every pixel, 0 background. */
  readonly mask?: Raster;
}

/** Where predictions come from. */
export interface Predictions {
  /** What the table says of them. */
  readonly about: Pick<Result["about"], "from" | "checkpoint" | "output">;
  /** How masks were made, where the stage says so. */
  readonly how?: string;
  /** Numbers that went into them and that earlier stages chose by true masks. */
  readonly choices?: readonly Choice[];
  /** Images were reduced to this long side before CAMs were inferred. */
  readonly longSide?: number;
  /** @param name the image's */
  read(name: string): Promise<Predicted>;
}

/**
 * Predictions that an earlier stage wrote.
 *
 * @param from id of the stage
 * @param artifact CAMs or masks
 * @param dataset that they are scored on
 * @param limit most pixels of a mask, the recipe's `limits.pixels`
 * @returns their source
 */
export function predictionsOf(
  from: string,
  artifact: Artifact<Artifacts["cams" | "masks"]>,
  dataset: Dataset,
  limit?: number,
): Predictions {
  const { folder, info: { checkpoint = from, output = from } } = artifact;
  const about = { from, checkpoint, output };
  if (artifact.kind === "masks") {
    const { masks, how, choices } = artifact.info;
    return {
      ...maskFolder(`${folder}/${masks}`, dataset, limit),
      about,
      ...how !== undefined && { how },
      ...choices && { choices },
    };
  }
  const { cams, longSide } = artifact.info;
  return {
    about,
    ...typeof longSide === "number" && { longSide },
    read: (name) => readCams(`${folder}/${cams}`, name),
  };
}

/**
 * Predictions as files, one PNG of class numbers per image, as the SEAM authors' `infer_aff.py` and most others write them.
 *
 * @param folder absolute
 * @param dataset that they are scored on
 * @param limit most pixels of a mask, the recipe's `limits.pixels`
 * @returns their source
 */
export function maskFolder(folder: string, dataset: Dataset, limit?: number): Predictions {
  const name = folder.slice(folder.lastIndexOf("/") + 1);
  let files: ReturnType<typeof maskFilesIn> | undefined;
  return {
    about: { from: folder, checkpoint: name, output: name },
    async read(name) {
      const path = (await (files ??= maskFilesIn(folder)))(name);
      const mask = await dataset.readMaskFile?.(path) ??
        await readMaskAt(path, dataset.classes.length, limit);
      return { mask };
    },
  };
}

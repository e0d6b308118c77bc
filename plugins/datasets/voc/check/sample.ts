import { exifOrientation, hashBytes, isUserError } from "seamstress";
import { type ClassMap, IGNORED } from "../classes.ts";
import { readBytes } from "../files.ts";
import { decodeImage } from "../image.ts";
import type { Located } from "../labels.ts";
import { type Indices, readIndices } from "../mask.ts";
import { orientationRemark } from "../orientation.ts";

/** A file, and what is wrong with it. */
export interface Fault {
  readonly file: string;
  readonly fault: string;
}

/** Contents of a sample's files. */
export interface SampleCheck {
  /** SHA-256 of the image's bytes, hex; empty where there is no file. */
  readonly imageHash: string;
  /** SHA-256 of the mask's bytes, hex; empty where there is no mask. */
  readonly maskHash: string;
  readonly size?: { readonly width: number; readonly height: number };
  /** Number of pixels by mask value, where the mask could be read. */
  readonly histogram?: Float64Array;
  /** Whether the image has an EXIF orientation that viewers apply. */
  readonly turned: boolean;
  /** Whether the image's file has defects that do not affect the pixels, such as stray bytes. */
  readonly remarked: boolean;
  readonly faults: readonly Fault[];
}

/** Bytes of a sample's files, or the error where a file could not be read. */
export interface SampleBytes {
  readonly located: Located;
  readonly image: Uint8Array | Error;
  readonly mask?: Uint8Array | Error;
}

/**
 * Reads a sample's files without decoding them.
 *
 * @param located their paths
 * @returns bytes or the error, per file
 */
export async function readSample(located: Located): Promise<SampleBytes> {
  const attempt = (path: string) => readBytes(path).catch(expectUserError);
  return {
    located,
    image: await attempt(located.image),
    ...located.mask !== undefined && { mask: await attempt(located.mask) },
  };
}

/**
 * Decodes a sample's files, counts its mask and compares their sizes.
 *
 * @param bytes of its files
 * @param classes which values masks may have
 * @param limit maximum number of pixels of an image or mask
 * @param maskOf makes the mask, where it is in no file
 * @returns the contents, and every fault
 */
export async function checkSample(
  { located, image: imageBytes, mask: maskBytes }: SampleBytes,
  classes: ClassMap,
  limit?: number,
  maskOf?: (located: Located) => Promise<Indices>,
): Promise<SampleCheck> {
  let remarked = false;
  const faults: Fault[] = [];
  const attempt = async <T>(file: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      faults.push({ file, fault: expectUserError(error).message });
      return undefined;
    }
  };
  const remark = () => void (remarked = true);
  const image = await attempt(
    located.image,
    () => decodeImage(orThrow(imageBytes), located.image, limit, remark),
  );
  const place = located.mask ?? "made of annotations";
  const mask = maskBytes
    ? await attempt(
      place,
      () => Promise.try(() => readIndices(orThrow(maskBytes), place, classes.areVoc, limit)),
    )
    : maskOf && await attempt(located.image, () => maskOf(located));
  if (image && mask && (image.width !== mask.width || image.height !== mask.height)) {
    const fault =
      `Its mask ${place} is ${mask.width}x${mask.height}, it is ${image.width}x${image.height}` +
      orientationRemark(orThrow(imageBytes));
    faults.push({ file: located.image, fault });
  }
  const histogram = mask && count(mask.data);
  if (histogram) faults.push(...unknownValues(place, histogram, classes));
  return {
    imageHash: imageBytes instanceof Error ? "" : await sha256(imageBytes),
    maskHash: await maskHashOf(maskBytes, maskOf && mask),
    ...image && { size: { width: image.width, height: image.height } },
    ...histogram && { histogram },
    turned: !(imageBytes instanceof Error) && exifOrientation(imageBytes) !== 1,
    remarked,
    faults,
  };
}

/** Returns user errors, which are faults of the data, and rethrows any other error, which is a bug. */
function expectUserError(error: unknown): Error {
  if (isUserError(error)) return error;
  throw error;
}

function orThrow(bytes: Uint8Array | Error): Uint8Array {
  if (bytes instanceof Error) throw bytes;
  return bytes;
}

/** Hash of a mask's file, or of its numbers where it is in no file; empty where there is none. */
async function maskHashOf(bytes: Uint8Array | Error | undefined, made: Indices | undefined) {
  if (bytes === undefined) return made ? await sha256(made.data) : "";
  return bytes instanceof Error ? "" : await sha256(bytes);
}

function count(data: Uint8Array): Float64Array {
  const histogram = new Float64Array(256);
  for (let i = 0; i < data.length; i++) histogram[data[i]!]! += 1;
  return histogram;
}

function unknownValues(file: string, histogram: Float64Array, classes: ClassMap): Fault[] {
  const { length } = classes.vocabulary;
  const unknown = [...histogram.keys()].filter((value) =>
    value > length && value !== IGNORED && histogram[value]! > 0
  );
  if (unknown.length === 0) return [];
  const found = unknown.map((value) => `${value} (${histogram[value]} pixels)`).join(", ");
  return [{ file, fault: `It holds class ${found}; valid are 0 to ${length}, and 255` }];
}

const sha256 = (bytes: Uint8Array) => hashBytes(bytes as Uint8Array<ArrayBuffer>);

import type { WriteFile } from "../../../core/contracts/write_file.ts";
import { messageOf, userError, withAction } from "../../../core/errors.ts";
import { exists } from "../../formats/exists.ts";
import { encodeSafetensors, readSafetensors } from "../../formats/safetensors.ts";
import type { StateArray } from "../../../core/contracts/state_dict.ts";
import { type MapsShape, packMaps, unpackMaps } from "./packed_maps.ts";

/** How maps are stored: `float16` rounded and compressed, `float32` as they are. */
export const STORES = ["float16", "float32"] as const;

/** One of {@linkcode STORES}. */
export type Store = (typeof STORES)[number];

/** Bytes that a value takes as float16, about, in maps of photographs. */
const PACKED_BYTES = 0.6;

/**
 * Tells how large stored maps are.
 *
 * @param store how they are stored
 * @returns bytes a value takes, about
 */
export function bytesPerValue(store: Store = "float16"): number {
  return store === "float32" ? Float32Array.BYTES_PER_ELEMENT : PACKED_BYTES;
}

/** What a packed file's metadata say of the packing; see {@linkcode packMaps}. */
const PACKING = "float16 rows zlib";

/** Class activation maps of one image. */
export interface Cams {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Foreground class index from 0 → map `[height*width]`. */
  readonly maps: ReadonlyMap<number, Float32Array>;
}

/** What inference stores of one image. */
export interface StoredCams {
  /** Maps of the classes, where they were kept. */
  readonly cams?: Cams;
  /** Image-level scores, `[C]`. */
  readonly scores?: Float32Array;
}

/**
 * The file that holds an image's CAMs.
 *
 * @param folder that holds one file per image
 * @param name the image's name; characters that a file name cannot have are percent-encoded
 * @returns the path
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { camFile } from "./cam_store.ts";
 * assertEquals(camFile("cams", "2007_000032"), "cams/2007_000032.safetensors");
 * assertEquals(camFile("cams", "a/b"), "cams/a%2Fb.safetensors");
 * ```
 */
export function camFile(folder: string, name: string): string {
  return `${folder}/${encodeURIComponent(name)}.safetensors`;
}

/**
 * Writes one image's CAMs, whole or not at all: safetensors with `cam`, its classes in the metadata, and `scores` `[C]`. Stored as
 * `float32`, `cam` is F32 `[K,H,W]`; as `float16` U8 of {@linkcode packMaps}, with packing and shape in the metadata.
 *
 * @param folder that holds one file per image; exists
 * @param name the image's name
 * @param stored its CAMs, scores or both
 * @param write writes the file: a stage's `context.write`, or `writeAtomic` elsewhere
 * @param store how the CAMs are stored; scores are float32
 * @throws {Error} naming the file where it cannot be written
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAtomic } from "seamstress";
 * import { readCams, writeCams } from "seamstress/wsss";
 * const folder = await Deno.makeTempDir();
 * const maps = new Map([[7, Float32Array.of(0, 0.5, 1, 0)]]);
 * await writeCams(folder, "cat", { cams: { width: 2, height: 2, maps } }, writeAtomic);
 * assertEquals((await readCams(folder, "cat")).cams?.maps, maps);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeCams(
  folder: string,
  name: string,
  stored: StoredCams,
  write: WriteFile,
  store: Store = "float16",
): Promise<void> {
  const tensors = new Map<string, StateArray>();
  const metadata: Record<string, string> = {};
  if (stored.cams) {
    const { width, height, maps } = stored.cams;
    const data = new Float32Array(maps.size * height * width);
    [...maps.values()].forEach((map, k) => data.set(map, k * height * width));
    const shape: MapsShape = [maps.size, height, width];
    metadata["classes"] = JSON.stringify([...maps.keys()]);
    if (store === "float32") tensors.set("cam", { dtype: "F32", shape, data });
    else {
      const packed = packed16(folder, name, data, shape);
      tensors.set("cam", { dtype: "U8", shape: [packed.length], data: packed });
      metadata["packing"] = PACKING;
      metadata["shape"] = JSON.stringify(shape);
    }
  }
  if (stored.scores) {
    const { scores } = stored;
    tensors.set("scores", { dtype: "F32", shape: [scores.length], data: scores });
  }
  await write(camFile(folder, name), encodeSafetensors(tensors, metadata));
}

/**
 * Reads one image's CAMs.
 *
 * @param folder that holds one file per image
 * @param name the image's name
 * @returns what {@linkcode writeCams} was given; maps stored as float16 are rounded
 * @throws {Deno.errors.NotFound} naming the file where there is none
 * @throws {SyntaxError} naming the file where it is broken
 */
export function readCams(folder: string, name: string): Promise<StoredCams> {
  return readCamFile(camFile(folder, name));
}

/**
 * Reads a file of one image's CAMs.
 *
 * @param path of the file
 * @returns what {@linkcode writeCams} was given; maps stored as float16 are rounded
 * @throws {Deno.errors.NotFound} naming the file where there is none
 * @throws {SyntaxError} naming the file where it is broken
 */
export async function readCamFile(path: string): Promise<StoredCams> {
  const { tensors, metadata } = await readSafetensors(path);
  const cam = tensors.get("cam"), scores = tensors.get("scores");
  return {
    ...cam && { cams: splitMaps(plain(cam, metadata, path), metadata["classes"], path) },
    ...scores && { scores: floats(scores, "scores", path) },
  };
}

/**
 * Looks for one image's CAMs.
 *
 * @param folder that holds one file per image
 * @param name the image's name
 * @returns whether its CAMs are stored
 */
export function hasCams(folder: string, name: string): Promise<boolean> {
  return exists(camFile(folder, name));
}

function packed16(folder: string, name: string, data: Float32Array, shape: MapsShape) {
  try {
    return packMaps(data, shape);
  } catch (error) {
    throw withAction(`Cannot write ${camFile(folder, name)}`, error);
  }
}

/** A tensor of maps as `[K,H,W]` float32, unpacked where the metadata name a packing. */
function plain(
  cam: StateArray,
  { packing, shape: listed }: Readonly<Record<string, string>>,
  path: string,
): StateArray {
  if (packing === undefined) return cam;
  if (packing !== PACKING) {
    throw broken(path, `its cam is packed as "${packing}", known is "${PACKING}"`);
  }
  if (!(cam.data instanceof Uint8Array)) {
    throw broken(path, `tensor "cam" is ${cam.dtype}, expected U8 of packing "${PACKING}"`);
  }
  const shape = parseNumbers(listed);
  if (shape?.length !== 3) throw broken(path, `its metadata have no shape [K,H,W] but ${listed}`);
  try {
    const data = unpackMaps(cam.data, shape as unknown as MapsShape);
    return { dtype: "F16", shape, data };
  } catch (error) {
    throw broken(path, messageOf(error));
  }
}

function splitMaps(cam: StateArray, listed: string | undefined, path: string): Cams {
  const data = floats(cam, "cam", path);
  const [count, height, width] = cam.shape;
  const classes = parseNumbers(listed);
  if (!classes || cam.shape.length !== 3 || count !== classes.length || !height || !width) {
    throw broken(path, `its cam is [${cam.shape}] and its metadata lists classes ${listed}`);
  }
  const pixels = height * width;
  const maps = new Map(classes.map((c, k) => [c, data.subarray(k * pixels, (k + 1) * pixels)]));
  return { width, height, maps };
}

/** Whole numbers in brackets, else nothing. */
function parseNumbers(listed: string | undefined): readonly number[] | undefined {
  if (!/^\[(\d+(,\d+)*)?\]$/.test(listed ?? "")) return undefined;
  return JSON.parse(listed!);
}

function floats(array: StateArray, name: string, path: string): Float32Array {
  if (!(array.data instanceof Float32Array)) {
    throw broken(path, `tensor "${name}" is ${array.dtype}, expected F32`);
  }
  return array.data;
}

function broken(path: string, problem: string): SyntaxError {
  return userError(new SyntaxError(`Cannot read CAMs from ${path}: ${problem}`));
}

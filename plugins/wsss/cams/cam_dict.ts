import type { WriteFile } from "../../../core/contracts/write_file.ts";
import type { Cams } from "./cam_store.ts";
import { userError } from "../../../core/errors.ts";
import { readStored } from "../../formats/stored_files.ts";
import { encodeNpyDict, type NdArray, openNpyDict } from "../../formats/numpy/npy.ts";
import { show } from "../../../core/registry/option_errors.ts";
import { irnMaps, isIrnCams } from "./irn_cams.ts";

/** Type codes of maps that are read; the authors write `f4`. */
const FLOATS = ["f2", "f4", "f8"];

/** What the maps in a file must be. */
export interface CamDictOptions {
  /** Number of classes; each index is below it. */
  readonly classes?: number;
  /** Size of the maps. Without it a file of no maps is refused, for it does not tell its size. */
  readonly size?: { readonly width: number; readonly height: number };
}

/**
 * Decodes a file as SEAM's `infer_SEAM.py` writes them with `np.save(path, dict)`: class → float map `[H,W]`. In CAM files
 * (`--out_cam`) classes are foreground indices from 0, as in {@linkcode Cams}; in CRF files (`--out_crf`) 0 is the background. Files
 * of IRN's `make_cam.py` are read too.
 *
 * @param bytes the file
 * @param from its name, for messages
 * @param options what the maps must be
 * @returns the maps in file order, float32
 * @throws {SyntaxError} naming the file where it is damaged or holds anything else
 * @throws {RangeError} naming the file where a class or a size is out of range
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeCamDict, encodeCamDict } from "./cam_dict.ts";
 * const cams = { width: 2, height: 1, maps: new Map([[7, Float32Array.of(0, 1)]]) };
 * assertEquals(decodeCamDict(encodeCamDict(cams), "2007_000032.npy", { classes: 20 }), cams);
 * ```
 */
export function decodeCamDict(
  bytes: Uint8Array,
  from: string,
  { classes, size }: CamDictOptions = {},
): Cams {
  const refuse = (problem: string) =>
    userError(new RangeError(`Cannot read CAMs from ${from}: ${problem}`));
  const file = openNpyDict(bytes, from);
  const irn = isIrnCams(file) ? irnMaps(file, refuse) : undefined;
  const maps = new Map<number, Float32Array>();
  let expected = size;
  for (const [key, array] of irn?.maps ?? file.keys.map((key) => [key, file.read(key)] as const)) {
    if (
      typeof key !== "number" || !Number.isInteger(key) || key < 0 || key >= (classes ?? Infinity)
    ) {
      const most = classes === undefined ? "" : ` to ${classes - 1}`;
      throw refuse(
        `it has a map of class ${show(key)}, valid are integers from 0${most}${
          key === classes ? "; classes count from 0, without the background" : ""
        }`,
      );
    }
    const [height, width] = array.shape;
    if (array.shape.length !== 2 || !height || !width || !FLOATS.includes(array.type)) {
      throw refuse(
        `the map of class ${key} is ${array.type} of shape [${array.shape}], expected floats of shape [height,width]`,
      );
    }
    expected ??= { width, height };
    if (width !== expected.width || height !== expected.height) {
      throw refuse(
        `the map of class ${key} is ${width}x${height}, expected ${expected.width}x${expected.height}`,
      );
    }
    maps.set(key, float32(array));
  }
  if (irn?.size.width && irn.size.height) expected ??= irn.size;
  if (!expected) throw refuse("it holds no map, so that its size is unknown");
  return { width: expected.width, height: expected.height, maps };
}

/**
 * Encodes maps as SEAM's `infer_SEAM.py` does, for `evaluation.py --type npy`, `infer_aff.py` and `train_aff.py`.
 *
 * @param cams CAMs by foreground class from 0, or CRF scores by class with 0 the background; in the order in which they are listed,
 *   on which `train_aff.py` relies: background first
 * @returns the file
 */
export function encodeCamDict({ width, height, maps }: Cams): Uint8Array<ArrayBuffer> {
  const shape = [height, width];
  return encodeNpyDict(
    new Map([...maps].map(([c, data]): [number, NdArray] => [c, { type: "f4", shape, data }])),
  );
}

/**
 * Reads a file of maps; see {@linkcode decodeCamDict}.
 *
 * @param path such as `out_cam/2007_000032.npy`
 * @param options what the maps must be
 * @returns the maps
 * @throws {Deno.errors.NotFound} where there is no such file
 */
export async function readCamDict(path: string, options?: CamDictOptions): Promise<Cams> {
  return decodeCamDict(await readStored(path, "read CAMs from"), path, options);
}

/**
 * Writes a file of maps, whole or not at all; see {@linkcode encodeCamDict}.
 *
 * @param path such as `out_cam/2007_000032.npy`; its folder exists
 * @param cams the maps
 * @param write writes the file: a stage's `context.write`, or `writeAtomic` elsewhere
 * @throws {Error} naming the file where it cannot be written
 */
export async function writeCamDict(path: string, cams: Cams, write: WriteFile): Promise<void> {
  await write(path, encodeCamDict(cams));
}

function float32({ data }: NdArray): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
}

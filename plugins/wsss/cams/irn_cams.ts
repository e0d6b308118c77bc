import type { NdArray, NpyDict } from "../../formats/numpy/npy.ts";
import { show } from "../../../core/registry/option_errors.ts";

/** Entries of a CAM file of IRN: class numbers, and the maps at the photograph's size. */
const KEYS = "keys";
const MAPS = "high_res";

/**
 * Tells whether a file holds CAMs as IRN's `step/make_cam.py` writes them:
 * `{"keys": classes from 0 [K], "cam": maps of a quarter of the size, "high_res": maps [K,H,W]}`.
 *
 * @param file an opened `.npy`
 * @returns true for IRN's form
 */
export function isIrnCams({ keys }: NpyDict): boolean {
  return keys.includes(KEYS) && (keys.includes(MAPS) || keys.includes("cam"));
}

/** Maps of one image. */
interface IrnMaps {
  /** Class number → map `[height,width]`. */
  readonly maps: readonly (readonly [number, NdArray])[];
  readonly size: { readonly width: number; readonly height: number };
}

/**
 * Reads the maps of IRN's form at the photograph's size; of the others nothing is read.
 *
 * @param file an opened `.npy`
 * @param refuse makes the error where the entries do not fit together
 * @returns the maps in file order, and their size also where there are none
 */
export function irnMaps(
  file: NpyDict,
  refuse: (problem: string) => Error,
): IrnMaps {
  if (!file.keys.includes(MAPS)) {
    throw refuse(
      `it is of IRN's form but has no "${MAPS}", the maps at the photograph's size; its entries are ${
        file.keys.slice(0, 8).map(show).join(", ")
      }`,
    );
  }
  const classes = file.read(KEYS), all = file.read(MAPS);
  const [count = 0, height = 0, width = 0] = all.shape;
  if (classes.shape.length !== 1 || all.shape.length !== 3 || classes.shape[0] !== count) {
    throw refuse(
      `its "${KEYS}" have shape [${classes.shape}] and its "${MAPS}" [${all.shape}], expected [K] and [K,height,width]`,
    );
  }
  const numbers = Array.from(classes.data as ArrayLike<number | bigint>, Number);
  if (new Set(numbers).size !== count) throw refuse(`its "${KEYS}" name a class twice`);
  const maps = numbers.map((c, i): [number, NdArray] => {
    const data = all.data.subarray(i * height * width, (i + 1) * height * width);
    return [c, { type: all.type, shape: [height, width], data }];
  });
  return { maps, size: { width, height } };
}

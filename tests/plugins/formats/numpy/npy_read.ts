import { assert, assertThrows } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import type { NdArray } from "../../../../plugins/formats/numpy/npy.ts";
import { NPY } from "./npy_files.ts";

/** A file that NumPy wrote. */
export function saved(name: keyof typeof NPY): Uint8Array {
  return Uint8Array.fromBase64(NPY[name]);
}

/** Checks that a reader refuses bytes with an error of the user's that says some texts. */
export function refuses(
  read: (bytes: Uint8Array, from: string) => unknown,
  bytes: Uint8Array,
  ...texts: string[]
): void {
  const error = assertThrows(() => read(bytes, "a.npy"), SyntaxError);
  assert(isUserError(error));
  for (const text of ["a.npy", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

/** Arrays of every type, of shapes with and without axes and elements. */
export const arrays: readonly NdArray[] = [
  { type: "f4", shape: [2, 1, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, 0.1) },
  { type: "f8", shape: [1], data: Float64Array.of(0.1) },
  { type: "f2", shape: [2], data: Float16Array.of(0.5, -2) },
  { type: "u1", shape: [], data: Uint8Array.of(255) },
  { type: "b1", shape: [2], data: Uint8Array.of(0, 1) },
  { type: "i8", shape: [2], data: BigInt64Array.of(-(2n ** 63n), 7n) },
  { type: "i4", shape: [0, 4], data: new Int32Array() },
];

import { narrowF64, widenBF16, widenF16 } from "./half.ts";
import { BYTES } from "./safetensors/header.ts";
import type { DType, StateArray } from "../../core/contracts/state_dict.ts";

/** Elements of an array as a state dict holds them. */
export type Elements = StateArray["data"];

/**
 * Decodes bytes of a weights file into elements: float16, bfloat16 and float64 become float32.
 *
 * @param bytes little-endian, like every platform that Deno runs on
 * @param dtype their type
 * @returns the elements; a view of the bytes where type and alignment allow
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeElements } from "seamstress";
 * assertEquals(decodeElements(new Uint8Array([0x00, 0xc0]), "F16"), Float32Array.of(-2));
 * ```
 */
export function decodeElements(bytes: Uint8Array, dtype: DType): Elements {
  switch (dtype) {
    case "F16":
      return widenF16(bytes);
    case "BF16":
      return widenBF16(bytes);
    case "F64":
      return narrowF64(bytes);
    case "U8":
      return bytes;
  }
  const { buffer, byteOffset } = bytes.byteOffset % BYTES[dtype] === 0 ? bytes : bytes.slice();
  const count = bytes.length / BYTES[dtype];
  if (dtype === "F32") return new Float32Array(buffer, byteOffset, count);
  if (dtype === "I32") return new Int32Array(buffer, byteOffset, count);
  return new BigInt64Array(buffer, byteOffset, count);
}

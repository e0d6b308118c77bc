/**
 * Widens IEEE half-precision numbers.
 *
 * @param bytes little-endian float16, any byte alignment
 * @returns the same values as float32, exactly
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { widenF16 } from "./half.ts";
 * assertEquals([...widenF16(new Uint8Array([0x00, 0x3e, 0x00, 0xc0]))], [1.5, -2]);
 * ```
 */
export function widenF16(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Float16Array(bytes.slice().buffer));
}

/**
 * Widens bfloat16 numbers: the upper halves of float32.
 *
 * @param bytes little-endian bfloat16, any byte alignment
 * @returns the same values as float32, exactly
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { widenBF16 } from "./half.ts";
 * assertEquals([...widenBF16(new Uint8Array([0xc0, 0x3f, 0x00, 0xc0]))], [1.5, -2]);
 * ```
 */
export function widenBF16(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(bytes.slice().buffer);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

/**
 * Rounds double-precision numbers to the nearest float32.
 *
 * @param bytes little-endian float64, any byte alignment
 * @returns the values as float32
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { narrowF64 } from "./half.ts";
 * assertEquals([...narrowF64(new Uint8Array(new Float64Array([1.5, 0.1]).buffer))], [1.5, Math.fround(0.1)]);
 * ```
 */
export function narrowF64(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Float64Array(bytes.slice().buffer));
}

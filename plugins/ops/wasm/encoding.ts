/** Bytes of a WebAssembly module, or of a part of one. */
export type Bytes = readonly number[];

/**
 * Encodes an unsigned 32-bit integer as WebAssembly does (LEB128).
 *
 * @param value 0..2^32 - 1
 * @returns one to five bytes
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unsigned } from "./encoding.ts";
 * assertEquals(unsigned(624485), [0xe5, 0x8e, 0x26]);
 * ```
 */
export function unsigned(value: number): Bytes {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/**
 * Encodes a signed 32-bit integer as WebAssembly does (LEB128).
 *
 * @param value -2^31..2^31 - 1
 * @returns one to five bytes
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signed } from "./encoding.ts";
 * assertEquals(signed(-123456), [0xc0, 0xbb, 0x78]);
 * assertEquals(signed(64), [0xc0, 0x00]);
 * ```
 */
export function signed(value: number): Bytes {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}

/**
 * Encodes a list as WebAssembly does: its length, then its items.
 *
 * @param items encoded
 * @returns the list's bytes
 */
export function list(items: readonly Bytes[]): Bytes {
  return [...unsigned(items.length), ...items.flat()];
}

/**
 * Encodes a name as WebAssembly does: its length, then UTF-8.
 *
 * @param text the name
 * @returns its bytes
 */
export function name(text: string): Bytes {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}

/**
 * Encodes length-prefixed bytes, which a reader can skip.
 *
 * @param bytes a section's or function's content
 * @returns the length, then the bytes
 */
export function sized(bytes: Bytes): Bytes {
  return [...unsigned(bytes.length), ...bytes];
}

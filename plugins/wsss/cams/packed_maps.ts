import { deflateSync, inflateSync } from "node:zlib";
import { messageOf, userError } from "../../../core/errors.ts";

/** Largest finite float16. */
const LARGEST = 65504;

/** Number of maps, height, width. */
export type MapsShape = readonly [number, number, number];

/**
 * Packs maps: rounded to float16, each value's bits less those of the value above it in its map (modulo 2^16; the first row as it
 * is), the upper bytes of all values, then the lower ones, zlib. Maps are smooth from row to row, so that most upper bytes are 0.
 *
 * @param data row-major, of that shape
 * @param shape of the maps
 * @returns 0.4 to 0.8 bytes a value for maps of photographs
 * @throws {RangeError} a user error, where a finite value is too large for float16
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packMaps, unpackMaps } from "./packed_maps.ts";
 * const data = Float32Array.of(0, 0.5, 1, -3);
 * assertEquals(unpackMaps(packMaps(data, [1, 2, 2]), [1, 2, 2]), data);
 * ```
 */
export function packMaps(data: Float32Array, shape: MapsShape): Uint8Array<ArrayBuffer> {
  const halves = new Float16Array(data);
  const tooLarge = halves.findIndex((half, i) => Math.abs(half) > LARGEST && half !== data[i]);
  if (tooLarge >= 0) {
    throw userError(
      new RangeError(
        `Cannot store ${
          data[tooLarge]
        } in float16, whose largest number is ${LARGEST}; set store: float32`,
      ),
    );
  }
  const bits = new Uint16Array(halves.buffer);
  const planes = new Uint8Array(2 * bits.length);
  eachRow(shape, (at, above) => {
    const difference = bits[at]! - (above === undefined ? 0 : bits[above]!);
    planes[at] = difference >> 8;
    planes[bits.length + at] = difference;
  });
  return new Uint8Array(deflateSync(planes));
}

/**
 * Unpacks what {@linkcode packMaps} packed.
 *
 * @param packed its bytes
 * @param shape of the maps
 * @returns the values, float16 widened
 * @throws {SyntaxError} saying what is wrong, where the bytes are damaged or of another shape
 */
export function unpackMaps(packed: Uint8Array, shape: MapsShape): Float32Array {
  const planes = inflate(packed, 2 * shape[0] * shape[1] * shape[2]);
  const bits = new Uint16Array(planes.length / 2);
  eachRow(shape, (at, above) => {
    const difference = planes[at]! << 8 | planes[bits.length + at]!;
    bits[at] = difference + (above === undefined ? 0 : bits[above]!);
  });
  return new Float32Array(new Float16Array(bits.buffer));
}

/** Calls with the index of every value in order, and that of the value above it, where there is one. */
function eachRow(
  [count, height, width]: MapsShape,
  value: (at: number, above: number | undefined) => void,
): void {
  for (let k = 0, at = 0; k < count; k++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) value(at, y > 0 ? at - width : undefined);
    }
  }
}

/** Memory that maps may take, in bytes. */
const MOST = 2 ** 31 - 1;

/** Inflates a zlib stream of a known length; memory is bounded by it whatever the stream says. */
function inflate(packed: Uint8Array, length: number): Uint8Array {
  const wrong = (found: string) =>
    new SyntaxError(`its maps unpack to ${found}, expected ${length}`);
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(packed, { maxOutputLength: Math.max(1, Math.min(length, MOST)) });
  } catch (error) {
    const over = (error as { readonly code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw over ? wrong("more bytes") : new SyntaxError(`its maps are damaged: ${messageOf(error)}`);
  }
  if (bytes.length !== length) throw wrong(`${bytes.length} bytes`);
  return bytes;
}

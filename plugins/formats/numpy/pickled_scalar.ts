import { latin1 } from "../pickle/values.ts";
import { byteLength, decodeArray, isNumpyType, type Layout } from "./ndarray.ts";
import { PickledType } from "./pickled_type.ts";

/** Maximum length of a string, in characters; strings are image names. */
const MAX_TEXT = 4096;

/** A number or string of NumPy's own types in a pickle, such as `numpy.int64(7)`; `numpy/core/src/multiarray/scalarapi.c`. */
export class PickledScalar {
  /** Type and bytes of its number; undefined where it is not a number. */
  readonly number: { readonly layout: Layout; readonly bytes: Uint8Array } | undefined;
  readonly #text: string | undefined;

  /**
   * @param type a `numpy.dtype`
   * @param data its bytes; for a `numpy.dtype` of objects the object itself
   */
  constructor(type: unknown, data: unknown) {
    if (!(type instanceof PickledType) || typeof type.code !== "string") return;
    const { code, bigEndian } = type;
    const bytes = typeof data === "string" ? latin1Bytes(data) : data;
    if (!(bytes instanceof Uint8Array)) return;
    if (isNumpyType(code)) {
      const layout: Layout = { type: code, shape: [], bigEndian, fortran: false };
      if (bytes.length === byteLength(layout)) this.number = { layout, bytes };
    } else if (bytes.length <= 4 * MAX_TEXT) {
      this.#text = /^U\d+$/.test(code)
        ? utf32(bytes, bigEndian)
        : /^S\d+$/.test(code)
        ? latin1(bytes).replace(/\0+$/, "")
        : undefined;
    }
  }

  /** The value; undefined where it is neither a number nor a string. */
  get value(): number | bigint | string | undefined {
    const { number } = this;
    return number ? decodeArray(number.bytes, number.layout).data[0] : this.#text;
  }
}

/**
 * Encodes a string as Latin-1: the bytes that Python 2 pickled as this string.
 *
 * @param text characters up to U+00FF; of any other the low byte is taken
 * @returns one byte per UTF-16 code unit
 */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Decodes NumPy's strings: four bytes per character, padded with zeros; undefined where it is not valid Unicode. */
function utf32(bytes: Uint8Array, bigEndian: boolean): string | undefined {
  if (bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const points = Array.from(
    { length: bytes.length / 4 },
    (_, i) => view.getUint32(4 * i, !bigEndian),
  );
  if (points.some((point) => point > 0x10ffff)) return undefined;
  return String.fromCodePoint(...points).replace(/\0+$/, "");
}

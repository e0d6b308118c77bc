import { messageOf, userError } from "../../core/errors.ts";

/** Bytes that are inspected of text without a byte order mark. */
const INSPECTED_BYTES = 512;

/** Byte order marks of what is not UTF-8; UTF-32's first, since UTF-16's little-endian mark begins it. */
const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ["UTF-32", [0xff, 0xfe, 0, 0]],
  ["UTF-32", [0, 0, 0xfe, 0xff]],
  ["UTF-16", [0xff, 0xfe]],
  ["UTF-16", [0xfe, 0xff]],
];

const utf8 = new TextDecoder("utf-8", { fatal: true });
const lossy = new TextDecoder();

/** Says which wide encoding text is in: by its mark, or where every other byte of its beginning is zero. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
  if (marked) return marked[0];
  const start = bytes.subarray(0, INSPECTED_BYTES);
  const zeros = [0, 0];
  for (let i = 0; i < start.length; i++) if (start[i] === 0) zeros[i % 2]!++;
  const [even = 0, odd = 0] = zeros;
  // Latin letters in UTF-16 have a zero byte each; a name of another script among them has none.
  return Math.min(even, odd) === 0 && Math.max(even, odd) > start.length / 4 ? "UTF-16" : undefined;
}

/**
 * Fails where a file is in UTF-16 or UTF-32, which some editors and PowerShell's `>` write.
 *
 * @param bytes the file
 * @param what of which kind it is and where, for messages, such as `split a.txt`
 * @throws {SyntaxError} naming the encoding
 */
export function refuseWide(bytes: Uint8Array, what: string): void {
  const encoding = wideEncoding(bytes);
  if (encoding === undefined) return;
  throw userError(
    new SyntaxError(
      `Cannot read ${what}: it is ${encoding} text, expected UTF-8; save it as UTF-8 ` +
        `(iconv -f ${encoding} -t UTF-8, or the encoding in an editor's "Save as")`,
    ),
  );
}

/**
 * Decodes a text file, which must be UTF-8; a byte order mark is left out. Anything else would be read as other names than are
 * written there, without a word.
 *
 * @param bytes the file
 * @param what of which kind it is and where, for messages, such as `split a.txt`
 * @returns the text
 * @throws {SyntaxError} where it is UTF-16, naming it, or otherwise no UTF-8, naming the line
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { decodeText } from "seamstress";
 * assertEquals(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), "list a.txt"), "a");
 * assertThrows(() => decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0), "list a.txt"), SyntaxError, "UTF-16");
 * ```
 */
export function decodeText(bytes: Uint8Array, what: string): string {
  refuseWide(bytes, what);
  const refuse = (before: string, found: string) =>
    userError(
      new SyntaxError(
        `Cannot read ${what}: line ${before.split("\n").length} ${found}, expected UTF-8 text`,
      ),
    );
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) {
      // Longer than a string can be.
      throw userError(new RangeError(`Cannot read ${what}: ${messageOf(error)}`));
    }
    const [before = ""] = lossy.decode(bytes).split("\ufffd", 1);
    throw refuse(before, "holds bytes of another encoding");
  }
  const zero = text.indexOf("\0");
  if (zero >= 0) throw refuse(text.slice(0, zero), "holds a zero byte");
  return text;
}

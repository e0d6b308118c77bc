import { decodeText, refuseWide, show, userError } from "seamstress";

/** Number of bytes at the start of a file that are searched for an XML declaration. */
const DECLARATION_BYTES = 256;

const DECLARED =
  /^<\?xml\s[^>]*?encoding\s*=\s*(?:"([A-Za-z][\w.:-]*)"|'([A-Za-z][\w.:-]*)')[^>]*\?>/;

const isUtf8 = (label: string) => /^(utf-?8|us-ascii|ascii)$/i.test(label);

/** The encoding that an XML declaration names; undefined where there is no declaration. */
function declared(bytes: Uint8Array): string | undefined {
  // All supported encodings agree with ASCII on ASCII's characters.
  const start = String.fromCharCode(...bytes.subarray(0, DECLARATION_BYTES));
  const match = DECLARED.exec(start);
  return match?.[1] ?? match?.[2];
}

/**
 * Decodes an XML file in the encoding that it declares, such as `ISO-8859-1` or `windows-1252` (the first is read as the second,
 * as in browsers); UTF-8 where it declares none.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @returns the text, without a byte order mark
 * @throws {SyntaxError} where it is UTF-16, declares an unknown encoding, or is invalid in the declared one
 */
export function decodeXml(bytes: Uint8Array, from: string): string {
  const what = `annotation ${from}`;
  refuseWide(bytes, what);
  const label = declared(bytes);
  if (label === undefined || isUtf8(label)) return decodeText(bytes, what);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch {
    throw userError(
      new SyntaxError(
        `Cannot read ${what}: it declares the encoding ${show(label)}, which is not known; ` +
          "save it as UTF-8",
      ),
    );
  }
  try {
    // A declaration that is readable as ASCII cannot be in UTF-16.
    if (!decoder.encoding.startsWith("utf-16")) return decoder.decode(bytes);
  } catch {
    // Bytes that are invalid in the encoding: rejected below.
  }
  throw userError(
    new SyntaxError(
      `Cannot read ${what}: it declares the encoding ${
        show(label)
      }, in which it is not; save it as UTF-8`,
    ),
  );
}

import { decodeText, refuseWide, show, userError } from "seamstress";

/** Bytes at a file's beginning that an XML declaration is looked for in. */
const DECLARATION_BYTES = 256;

const DECLARED =
  /^<\?xml\s[^>]*?encoding\s*=\s*(?:"([A-Za-z][\w.:-]*)"|'([A-Za-z][\w.:-]*)')[^>]*\?>/;

const isUtf8 = (label: string) => /^(utf-?8|us-ascii|ascii)$/i.test(label);

/** The encoding that an XML declaration names; none where there is no declaration. */
function declared(bytes: Uint8Array): string | undefined {
  // Every encoding that is read has ASCII's bytes for ASCII's letters.
  const start = String.fromCharCode(...bytes.subarray(0, DECLARATION_BYTES));
  const match = DECLARED.exec(start);
  return match?.[1] ?? match?.[2];
}

/**
 * Decodes an XML file in the encoding that it declares, such as `ISO-8859-1` or `windows-1252` (which is what the first is read
 * as, as browsers do); UTF-8 where it declares none.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @returns the text, without a byte order mark
 * @throws {SyntaxError} where it is UTF-16, declares an encoding that is not known, or is not in what it declares
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
    // A declaration in plain bytes cannot be UTF-16's.
    if (!decoder.encoding.startsWith("utf-16")) return decoder.decode(bytes);
  } catch {
    // Bytes that the encoding does not have: refused below.
  }
  throw userError(
    new SyntaxError(
      `Cannot read ${what}: it declares the encoding ${
        show(label)
      }, in which it is not; save it as UTF-8`,
    ),
  );
}

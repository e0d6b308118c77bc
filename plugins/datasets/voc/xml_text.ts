import { show } from "seamstress";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const REFERENCE = /&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|([^;&\s]*))(;?)/g;

/** Whether XML 1.0 allows a character. */
const isCharacter = (code: number) =>
  code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);

/**
 * Replaces the references in XML text: the five named entities, and numeric character references, `&#233;` or `&#xE9;`.
 *
 * @param text between two tags
 * @returns the decoded text
 * @throws {SyntaxError} where a reference names another entity, which is never expanded, or no valid character
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeReferences } from "./xml_text.ts";
 * assertEquals(decodeReferences("caf&#233; &amp; caf&#xE9;"), "café & café");
 * ```
 */
export function decodeReferences(text: string): string {
  return text.replace(
    REFERENCE,
    (whole, decimal?: string, hex?: string, name?: string, end?: string) => {
      const refuse = (problem: string) => new SyntaxError(`it has ${show(whole)}, ${problem}`);
      if (!end) throw refuse("which is no reference: an & is written &amp;");
      if (name !== undefined) {
        const plain = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
        if (plain === undefined) throw refuse("an entity which is not read");
        return plain;
      }
      const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
      if (!isCharacter(code)) throw refuse("which is no character of XML");
      return String.fromCodePoint(code);
    },
  );
}

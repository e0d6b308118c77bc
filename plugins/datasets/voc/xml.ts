/** An XML element: what annotation files need, without attributes. */
export interface Element {
  readonly tag: string;
  readonly children: readonly Element[];
  /** Own text, trimmed. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
};

// A declaration or comment, or a tag (closing slash, name, attributes that may hold ">" in quotes, slash of an empty element).
const MARKUP =
  /<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>[]*>|<(\/?)([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;

function decodeText(text: string): string {
  return text.replace(/&[^;\s]*;?/g, (entity) => {
    const plain = ENTITIES[entity];
    if (plain === undefined) {
      throw new SyntaxError(`it has the entity ${entity}, which is not read`);
    }
    return plain;
  }).trim();
}

interface Open {
  readonly tag: string;
  readonly children: Element[];
  text: string;
}

/**
 * Parses the XML that annotation tools write: elements, text, comments and the five named entities. Attributes are skipped; what
 * it does not know, such as CDATA and own entities, is an error.
 *
 * @param source the file's text
 * @returns the root element
 * @throws {SyntaxError} where it is not well formed; the message continues "Cannot read …: "
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseXml } from "./xml.ts";
 * const root = parseXml("<annotation><object><name>cat</name></object></annotation>");
 * assertEquals(root.children[0]?.children[0]?.text, "cat");
 * ```
 */
export function parseXml(source: string): Element {
  const top: Open = { tag: "", children: [], text: "" };
  const stack: Open[] = [top];
  let at = source.startsWith("\ufeff") ? 1 : 0;
  while (at < source.length) {
    const open = stack[stack.length - 1]!;
    const next = source.indexOf("<", at);
    open.text += source.slice(at, next < 0 ? source.length : next);
    if (next < 0) break;
    MARKUP.lastIndex = next;
    const match = MARKUP.exec(source);
    if (!match) {
      throw new SyntaxError(`bad markup in line ${source.slice(0, next).split("\n").length}`);
    }
    const [whole, closing, tag, , empty] = match;
    at = next + whole.length;
    if (tag === undefined) continue;
    if (closing) {
      if (open.tag !== tag || stack.length === 1) {
        throw new SyntaxError(`</${tag}> closes ${open.tag ? `<${open.tag}>` : "nothing"}`);
      }
      stack.pop();
      const { children } = stack[stack.length - 1]!;
      children.push({ tag, children: open.children, text: decodeText(open.text) });
    } else if (empty) {
      open.children.push({ tag, children: [], text: "" });
    } else {
      stack.push({ tag, children: [], text: "" });
    }
  }
  if (stack.length > 1) throw new SyntaxError(`<${stack[stack.length - 1]!.tag}> is never closed`);
  const [root, ...more] = top.children;
  if (!root || more.length > 0 || top.text.trim() !== "") {
    throw new SyntaxError(`it has ${top.children.length} root elements, expected one and no text`);
  }
  return root;
}

import { show } from "seamstress";
import { decodeReferences } from "./xml_text.ts";

/** An XML element as annotation files use it, without attributes. */
export interface Element {
  readonly tag: string;
  readonly children: readonly Element[];
  /** Own text, trimmed. */
  readonly text: string;
}

// A declaration or comment, CDATA (its text), or a tag (closing slash, name, attributes that may hold ">" in quotes, slash of an
// empty element).
const MARKUP =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([\p{L}_][\p{L}\p{N}_:.-]*)((?:\s+[\p{L}\p{N}_:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/uy;

// Parts of a DOCTYPE; quotes, comments and instructions may contain brackets.
const DOCTYPE_PART = /"[^"]*"|'[^']*'|<!--[^]*?-->|<\?[^]*?\?>|[[\]<>]|[^"'<>[\]]+/uy;

/** Finds the end of a DOCTYPE including its internal subset; nothing in it is expanded or loaded. */
function doctypeEnd(source: string, begin: number): number | undefined {
  let at = begin + "<!DOCTYPE".length, brackets = 0, tags = 1;
  while (at < source.length) {
    DOCTYPE_PART.lastIndex = at;
    const part = DOCTYPE_PART.exec(source)?.[0];
    if (part === undefined) return undefined;
    at += part.length;
    if (part === "[") brackets++;
    if (part === "]") brackets--;
    if (part === "<") tags++;
    if (part === ">" && --tags === 0) return brackets === 0 ? at : undefined;
  }
  return undefined;
}

interface Open {
  readonly tag: string;
  readonly children: Element[];
  text: string;
}

/**
 * Parses the XML that annotation tools write: elements, text, CDATA, comments, the five named entities and numeric character
 * references.
 * Attributes and a DOCTYPE are skipped; a file that uses entities of its own is rejected.
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
    open.text += decodeReferences(source.slice(at, next < 0 ? source.length : next));
    if (next < 0) break;
    const bad = () =>
      new SyntaxError(`bad markup in line ${source.slice(0, next).split("\n").length}`);
    if (source.startsWith("<!DOCTYPE", next)) {
      const end = stack.length === 1 && top.children.length === 0
        ? doctypeEnd(source, next)
        : undefined;
      if (end === undefined) throw bad();
      at = end;
      continue;
    }
    MARKUP.lastIndex = next;
    const match = MARKUP.exec(source);
    if (!match) throw bad();
    const [whole, cdata, closing, tag, , empty] = match;
    at = next + whole.length;
    if (cdata !== undefined) open.text += cdata;
    if (tag === undefined) continue;
    if (closing) {
      if (open.tag !== tag || stack.length === 1) {
        const opened = stack.length === 1 ? "nothing" : named(open.tag);
        throw new SyntaxError(`${named(tag, "/")} closes ${opened}`);
      }
      stack.pop();
      const { children } = stack[stack.length - 1]!;
      children.push({ tag, children: open.children, text: open.text.trim() });
    } else if (empty) {
      open.children.push({ tag, children: [], text: "" });
    } else {
      stack.push({ tag, children: [], text: "" });
    }
  }
  if (stack.length > 1) {
    throw new SyntaxError(`${named(stack[stack.length - 1]!.tag)} is never closed`);
  }
  const [root, ...more] = top.children;
  if (!root || more.length > 0 || top.text.trim() !== "") {
    throw new SyntaxError(`it has ${top.children.length} root elements, expected one and no text`);
  }
  return root;
}

/** A tag for messages, shortened if it is long. */
function named(tag: string, slash = ""): string {
  return `<${slash}${show(tag).slice(1, -1)}>`;
}

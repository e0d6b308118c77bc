/** Text that is HTML already. */
export class Html {
  /** @param text trusted markup */
  constructor(readonly text: string) {}

  /** @returns the markup */
  toString(): string {
    return this.text;
  }
}

/** Values of a template: text is escaped, HTML and lists of HTML are not, `undefined` and `false` are omitted. */
export type Part = string | number | Html | readonly Part[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function toText(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(toText).join("");
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * Template tag for HTML that escapes values, so that names from a data set or a recipe stay text.
 *
 * @param strings the template's own text
 * @param parts the values
 * @returns HTML
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markup } from "./html.ts";
 * assertEquals(markup`<p>${"a < b"}${[markup`<br>`]}</p>`.text, "<p>a &lt; b<br></p>");
 * ```
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, i) => text + toText(parts[i])).join(""));
}

/**
 * Puts generated text into a page whose other parts people write, in place of what stands between the page's two marks.
 *
 * @param page the page
 * @param path its name, for the message
 * @param task that writes it, such as `methods`: the marks name it
 * @param text what belongs between the marks
 * @returns the page
 * @throws {Error} where the page has no such marks
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withPart } from "./part.ts";
 * const page = "# P\n\n<!-- begin: written by deno task t -->\n<!-- end: written by deno task t -->\n";
 * assertEquals(withPart(page, "p.md", "t", "new").split("\n")[4], "new");
 * ```
 */
export function withPart(page: string, path: string, task: string, text: string): string {
  const begin = `<!-- begin: written by deno task ${task} -->`;
  const end = `<!-- end: written by deno task ${task} -->`;
  const from = page.indexOf(begin), to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(
      `Cannot write the results of deno task ${task}: ${path} lacks ${begin} … ${end}`,
    );
  }
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

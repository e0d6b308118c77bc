import { digits } from "../measure/digits.ts";

/** Maximum characters per line of prose, at which `deno fmt` wraps. */
const LINE = 100;

/** A table cell; undefined where an implementation does not support the computation. */
export type Cell = string | number | undefined;

/**
 * A table as `deno fmt` writes it.
 *
 * @param head names of the columns
 * @param rows cells, as many as columns
 * @returns Markdown
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { table } from "./markdown.ts";
 * assertEquals(table(["kernel", "ms"], [["conv", 1.5]]), "| kernel | ms  |\n| ------ | --- |\n| conv   | 1.5 |");
 * ```
 */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [head, ...rows].map((row) => row.map((cell) => `${cell ?? ""}`));
  const widths = head.map((_, i) => Math.max(...texts.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(" | ")} |`;
  const [first, ...others] = texts.map(line);
  return [first, line(widths.map((width) => "-".repeat(width))), ...others].join("\n");
}

/**
 * Breaks prose into lines.
 *
 * @param text one paragraph, spaces between its words
 * @param indent of all lines but the first
 * @returns the same in lines
 */
export function wrap(text: string, indent = ""): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines.join("\n");
}

/** @returns a list, one item per line where it fits */
export function list(items: readonly string[]): string {
  return items.map((item) => wrap(`- ${item}`, "  ")).join("\n");
}

/** @returns bytes as MB, three digits */
export function megabytes(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : `${digits(bytes / 1e6)}`;
}

/** @returns a ratio as it is read: `2.1x` */
export function times(ratio: number | null | undefined): string | undefined {
  return typeof ratio === "number" ? `${ratio}x` : undefined;
}

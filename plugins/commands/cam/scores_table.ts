import { markdownRow } from "../../stages/evaluate/markdown_row.ts";

/** The scores of one photograph. */
export interface ScoredImage {
  /** The file's name without its ending. */
  readonly name: string;
  /** Its path, absolute. */
  readonly image: string;
  /** Image-level probability of each class. */
  readonly probabilities: readonly number[];
  /** Classes that a mask and CAMs were made of, by index. */
  readonly shown: readonly number[];
  /** Pixels of each class in the mask, over those of the image; by class name, background left out. */
  readonly share: Readonly<Record<string, number>>;
  /** Names of the files that were written, within the folder of results. */
  readonly files: readonly string[];
}

const percent = (share: number) => (100 * share).toFixed(1);

/**
 * Formats scores as a Markdown table: a row a photograph, a column a class.
 *
 * @param images the photographs
 * @param classes names of the classes
 * @returns lines; probabilities in percent, those of classes with a CAM in bold
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoresTable } from "./scores_table.ts";
 * const image = { name: "a|b", image: "/a|b.jpg", probabilities: [0.125, 0.9], shown: [1], share: { dog: 0.4 }, files: [] };
 * assertEquals(scoresTable([image], ["cat", "dog"]).split("\n"), [
 *   "| image | cat | dog | mask (% of pixels) |",
 *   "| ----- | --: | --: | ------------------ |",
 *   "| a\\|b | 12.5 | **90.0** | dog 40.0 |",
 * ]);
 * ```
 */
export function scoresTable(images: readonly ScoredImage[], classes: readonly string[]): string {
  const rows = images.map(({ name, probabilities, shown, share }) =>
    markdownRow([
      name,
      ...probabilities.map((p, c) => shown.includes(c) ? `**${percent(p)}**` : percent(p)),
      Object.entries(share).map(([label, s]) => `${label} ${percent(s)}`).join(", ") ||
      "background alone",
    ])
  );
  return [
    markdownRow(["image", ...classes, "mask (% of pixels)"]),
    markdownRow(["-----", ...classes.map(() => "--:"), "------------------"]),
    ...rows,
  ].join("\n");
}

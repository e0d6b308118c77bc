import type { DataCheck, SplitCheck } from "./devkit.ts";

/** Maximum number of faults listed before "and N more". */
const LISTED = 20;

/** Characters of a hash that are shown. */
const HASH = 12;

const count = (value: number) => value.toLocaleString("en-US");

/** Aligns rows in columns: the first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row.map((cell, c) => c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))
      .join("  ").trimEnd()
  );
}

function officialCell({ images, official }: SplitCheck): string {
  if (official === undefined) return "";
  return images === official ? `all ${count(official)}` : count(official);
}

function splitTable({ splits, labels }: DataCheck): string[] {
  const official = splits.some((split) => split.official !== undefined);
  const head = ["list", "images", "masks", ...labels ? ["labels"] : []];
  return columns([
    [...head, ...official ? ["VOC 2012 has"] : [], "hash"],
    ...splits.map((split) => [
      split.name,
      count(split.images),
      count(split.masks),
      ...labels ? [count(split.labels ?? 0)] : [],
      ...official ? [officialCell(split)] : [],
      split.hash.slice(0, HASH),
    ]),
  ]);
}

/** Whether there is any mask; without one nothing is said of pixels. */
function hasMasks({ splits }: DataCheck): boolean {
  return splits.some(({ masks }) => masks > 0);
}

function classTable(check: DataCheck): string[] {
  const { classes, pixels, labels } = check;
  if (labels && !hasMasks(check)) {
    return columns([
      ["class", "labelled"],
      ...classes.map((each) => [each.name, count(each.labels)]),
    ]);
  }
  const total = classes.reduce((sum, each) => sum + each.pixels, pixels.background + pixels.others);
  const share = (part: number) => total > 0 ? `${(100 * part / total).toFixed(2)} %` : "–";
  return columns([
    ["class", ...labels ? ["labelled"] : [], "in masks", "of pixels"],
    ["background", ...labels ? [""] : [], "", share(pixels.background)],
    ...classes.map((each) => [
      each.name,
      ...labels ? [count(each.labels)] : [],
      count(each.masks),
      share(each.pixels),
    ]),
    ...pixels.others > 0
      ? [["other classes of the data", ...labels ? [""] : [], "", share(pixels.others)]]
      : [],
  ]);
}

function remarks(check: DataCheck): string[] {
  const { images, unlisted, turned, remarked, sides, labels, pixels, order } = check;
  const size = sides ? `, sides ${sides[0]} to ${sides[1]}` : "";
  const masks = hasMasks(check) ? `${count(pixels.ignored)} mask pixels without truth` : "no masks";
  return [
    `${count(images)} distinct images${size}; ${masks}`,
    ...order !== undefined ? [`Note: ${order}`] : [],
    ...turned > 0
      ? [
        `${
          count(turned)
        } photographs carry an EXIF orientation, which is not applied: a mask must fit the pixels as they are stored`,
      ]
      : [],
    ...remarked > 0
      ? [
        `${
          count(remarked)
        } JPEGs have stray bytes or odd headers, which are passed over as Pillow does: their pixels are whole`,
      ]
      : [],
    ...unlisted > 0 ? [`${count(unlisted)} images are in no list`] : [],
    ...labels && labels.compared === 0 ? [`Labels from ${labels.from}`] : labels
      ? [
        `Labels from ${labels.from}: the mask shows other classes in ${
          count(labels.different)
        } of ` +
        `${count(labels.compared)} images`,
      ]
      : ["No labels were looked at: give --labels FILE or --labels xml"],
  ];
}

/**
 * Formats the contents of a devkit as readable text.
 *
 * @param check of {@linkcode checkDevkit}
 * @returns lines of text; faults last
 */
export function formatCheck(check: DataCheck): string {
  const { faults } = check;
  const more = faults.length - LISTED;
  return [
    check.devkit,
    "",
    ...splitTable(check),
    "",
    ...classTable(check),
    "",
    ...remarks(check),
    faults.length === 0 ? "No faults" : `${count(faults.length)} faults:`,
    ...faults.slice(0, LISTED).map(({ file, fault }) =>
      fault.includes(file) ? `  ${fault}` : `  ${file}: ${fault}`
    ),
    ...more > 0 ? [`  and ${count(more)} more; --json lists all`] : [],
  ].join("\n");
}

import { formatDuration } from "seamstress";
import type { Result } from "seamstress/wsss";
import { type Row, sameImages } from "./comparison.ts";
import { type Html, markup, type Part } from "./html.ts";
import type { RunRecord, StageRecord } from "./read_run.ts";

const measuredOn = ({ about }: Result) => `${about.split}, ${about.images} images`;

function mapCell({ map, classifier }: Row): Html {
  if (!map) {
    const why = classifier === "none" ? "no classifier" : "not measured";
    return markup`<td class="number">–<small>${why}</small></td>`;
  }
  const failed = classifier === "failed";
  return markup`<td class="number${failed && " failed"}">${map.percent.toFixed(1)}${
    failed && markup`<strong class="mark">failed</strong>`
  }<small>${measuredOn(map.result)}</small></td>`;
}

function scoreRow(row: Row, gain: Part, maps: boolean): Html {
  const { label, miou, classifier, result } = row;
  return markup`<tr><th scope="row">${label}</th>
<td class="number${classifier === "failed" && " failed"}"><span class="score">${
    miou.toFixed(1)
  }</span><small>${measuredOn(result)}</small></td>
${maps && mapCell(row)}
<td class="number">${gain}</td>
<td class="note">${result.table.note}</td></tr>
`;
}

/**
 * The score table: mIoU beside the classifier's mAP where there are classifiers, each with what it was measured on and how its
 * threshold was chosen.
 *
 * @param rows scores; the first is what gains are relative to
 * @param failed whether any classifier failed: then no gain is shown
 * @returns a table
 */
export function scoreTable(rows: readonly Row[], failed: boolean): Html {
  const [base] = rows;
  const maps = rows.some(({ classifier }) => classifier !== "none");
  const gain = (row: Row) => {
    if (!base || row === base || failed) return "–";
    if (!sameImages(row, base)) return markup`–<small>other images</small>`;
    const points = (row.miou - base.miou).toFixed(1);
    return points.startsWith("-") ? points.replace("-", "−") : `+${points}`;
  };
  return markup`<div class="scroll"><table>
${maps && markup`<caption>mAP tells whether the classifier works.</caption>`}
<thead><tr><th scope="col">Scored</th>
<th scope="col" class="number">mIoU (%)</th>
${maps && markup`<th scope="col" class="number">mAP (%)</th>`}
<th scope="col" class="number">Gain</th>
<th scope="col">How it was made, with which threshold</th></tr></thead>
<tbody>
${rows.map((row) => scoreRow(row, gain(row), maps))}</tbody></table></div>`;
}

/** A result's percent by class name, `undefined` where the truth never shows the class; its mean left out. */
function byClass({ table }: Result): ReadonlyMap<string, number | undefined> {
  const column = table.columns.indexOf("IoU (%)");
  return new Map(table.rows.flatMap((row): (readonly [string, number | undefined])[] => {
    const name = String(row[0]), value = row[column];
    if (typeof value !== "number" || name === "mean") return [];
    return [[name, table.absent?.includes(name) ? undefined : value]];
  }));
}

/**
 * Intersection over union of every class, one column per score; the best of a class on the first one's images is bold.
 *
 * @param rows scores
 * @returns a table
 */
export function classTable(rows: readonly Row[]): Html {
  const columns = rows.map(({ result }) => byClass(result));
  const classes = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const compared = rows.map((row) => sameImages(row, rows[0]!));
  const cell = (value: number | undefined, i: number, best: number) => {
    const text = value?.toFixed(1) ?? "–";
    const bold = columns.length > 1 && compared[i] && value === best;
    return markup`<td class="number">${bold ? markup`<b>${text}</b>` : text}</td>`;
  };
  const line = (name: string) => {
    const values = columns.map((column) => column.get(name));
    const best = Math.max(...values.map((value, i) => compared[i] ? value ?? 0 : 0));
    return markup`<tr><th scope="row">${name}</th>${
      values.map((value, i) => cell(value, i, best))
    }</tr>
`;
  };
  const heads = rows.map(({ label }) => markup`<th scope="col" class="number">${label}</th>`);
  // Beside a chart there is room for a few columns.
  const wide = rows.length > 3 && " wide";
  return markup`<div class="scroll${wide}"><table>
<caption>Intersection over union by class, percent.${
    columns.some((column) => [...column.values()].includes(undefined)) &&
    " –: not in the truth, counted as 0 in the mean."
  }</caption>
<thead><tr><th scope="col">Class</th>${heads}</tr></thead>
<tbody>
${classes.map(line)}</tbody></table></div>`;
}

/**
 * What ran, in order, and how long it took.
 *
 * @param run the run
 * @returns a table
 */
export function stageTable({ stages }: RunRecord): Html {
  const line = ({ id, run, artifact, seconds }: StageRecord) =>
    markup`<tr><th scope="row">${id}</th><td>${run}</td><td>${
      artifact?.kind ?? "not finished"
    }</td><td class="number">${seconds === undefined ? "–" : formatDuration(seconds)}</td></tr>
`;
  return markup`<div class="scroll"><table>
<caption>Stages, in order.</caption>
<thead><tr><th scope="col">Stage</th><th scope="col">Runs</th>
<th scope="col">Leaves</th><th scope="col" class="number">Time</th></tr></thead>
<tbody>
${stages.map(line)}</tbody></table></div>`;
}

/**
 * What the run was made with.
 *
 * @param manifest versions, device, commit, seed by name
 * @returns a description list of the plain values
 */
export function manifestList(manifest: Readonly<Record<string, unknown>>): Html {
  const plain = Object.entries(manifest).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value)
  );
  return markup`<dl>${
    plain.map(([name, value]) =>
      markup`<div><dt>${name}</dt><dd>${String(value)}</dd></div>
`
    )
  }</dl>
`;
}

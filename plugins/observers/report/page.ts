import { judge, type Row, type Verdict } from "./comparison.ts";
import { alphaChart, lossCharts, validationCharts } from "./curves.ts";
import { Html, markup, type Part } from "./html.ts";
import type { RunRecord } from "./read_run.ts";
import { renderSheet, type Sheet } from "./sheet.ts";
import { STYLE } from "./style.ts";
import { classTable, manifestList, scoreTable, stageTable } from "./tables.ts";
import type { TrainingSheet } from "./training_sheets.ts";

/** What a report shows. */
export interface Report {
  readonly run: RunRecord;
  /** Scores side by side; the first is what gains are relative to. */
  readonly rows: readonly Row[];
  /** Minimum mAP of a working classifier, as a fraction. */
  readonly minMap: number;
  readonly sheet: Sheet;
  /** CAMs that trainings stored while they went on. */
  readonly trainings: readonly TrainingSheet[];
}

/** Content security policy: the page may only load its embedded pictures. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** Facts of a manifest that the head of the page names. */
function headline({ name, manifest, stages }: RunRecord): string {
  const { backend, device, precision, seed, started } = manifest;
  const finished = stages.filter(({ artifact }) => artifact !== undefined).length;
  const facts = [
    name,
    seed === undefined ? undefined : `seed ${seed}`,
    backend === undefined
      ? undefined
      : `${backend} (${device}${precision === undefined ? "" : `, ${precision}`})`,
    typeof started === "string" ? started.slice(0, 16).replace("T", " ") + " UTC" : undefined,
    finished < stages.length ? `${finished} of ${stages.length} stages finished` : undefined,
  ];
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

function renderVerdict({ tone, headline, details }: Verdict): Html {
  return markup`<section class="verdict ${tone}" aria-label="Result"><h2>${headline}</h2>${
    details.map((line) => markup`<p>${line}</p>`)
  }</section>`;
}

function section(title: string, ...content: readonly Part[]): Html {
  return markup`<section><h2>${title}</h2>
${content}
</section>
`;
}

function hint(text: string): Html {
  return markup`<p class="hint">${text}</p>
`;
}

function renderScores(rows: readonly Row[], failed: boolean): Html {
  return section(
    "Scores",
    scoreTable(rows, failed),
    hint(
      "Each row is one training with one seed: differences of a point or two may be random. A threshold that was chosen on the " +
        "scored split itself is an oracle: an upper bound, not what a method reaches without that split's masks.",
    ),
    markup`<div class="columns">${classTable(rows)}${alphaChart(rows)}</div>`,
  );
}

function renderTraining(charts: readonly Html[]): Html {
  return section(
    "Training",
    hint(
      "Losses as logged: single ones unweighted, the total weighted. Lines are means over equal runs of steps, bands their range.",
    ),
    markup`<div class="columns">${charts}</div>`,
  );
}

function renderTrainingCams({ stage, sheet }: TrainingSheet): Html {
  return section(
    `CAMs while ${stage} was trained`,
    hint(
      "Of the network as it stood after a step: the first that were stored, and the last. Each image once, at its own scale.",
    ),
    renderSheet(sheet),
  );
}

function renderMaking(run: RunRecord): Html {
  return section(
    "How it was made",
    manifestList(run.manifest),
    stageTable(run),
    markup`<details><summary>The recipe, with every default filled in</summary>
<pre>${run.recipe}</pre></details>`,
  );
}

/**
 * Renders the report: one self-contained page, without other files or scripts.
 *
 * @param report what it shows
 * @returns a whole HTML document
 */
export function renderPage({ run, rows, minMap, sheet, trainings }: Report): string {
  const verdict = judge(rows, minMap);
  const charts = [...lossCharts(run.losses), ...validationCharts(run.validations)];
  const title = run.summary || run.name;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="eyebrow">Seamstress run</p>
<h1>${title}</h1>
<p class="facts">${headline(run)}</p>
${rows.length > 0 && renderVerdict(verdict)}
</header>
<main>
${rows.length > 0 && renderScores(rows, verdict.tone === "bad")}
${section("Pictures", renderSheet(sheet))}
${charts.length > 0 && renderTraining(charts)}
${trainings.map(renderTrainingCams)}
${renderMaking(run)}
</main>
<footer>Written by Seamstress from the run folder: recipe.yaml, manifest.json, metrics.jsonl, stages/.</footer>
</body>
</html>
`.text;
}

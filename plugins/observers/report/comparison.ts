import { own } from "seamstress";
import type { Result } from "seamstress/wsss";

/** Whether the classifier behind a score works; `none` where no CAMs were scored, only masks of other stages. */
export type Classifier = "works" | "failed" | "not measured" | "none";

/** Output of networks that were trained on masks, which have no classifier. */
const SEGMENTATION = "segmentation";

/** One scored network, as the report compares it. */
export interface Row {
  /** Such as `seam, cam_rv`. */
  readonly label: string;
  readonly result: Result;
  /** Percent. */
  readonly miou: number;
  /** Percent, and the result that it comes from. */
  readonly map?: { readonly percent: number; readonly result: Result };
  readonly classifier: Classifier;
}

/** Which results the report compares, and which results give their mAP. */
export interface ComparisonOptions {
  /** Ids of evaluations with mIoU; all in order where not given. */
  readonly compare?: readonly string[] | undefined;
  /** Ids of evaluations with mAP; all in order where not given. */
  readonly multilabel?: readonly string[] | undefined;
  /** Minimum mAP of a working classifier, as a fraction. */
  readonly minMap: number;
}

function choose(
  results: ReadonlyMap<string, Result>,
  ids: readonly string[] | undefined,
  metric: string,
): readonly Result[] {
  return (ids ?? [...results.keys()]).flatMap((id) => {
    const result = results.get(id);
    return !result || own(result.table.summary, metric) === undefined ? [] : [result];
  });
}

/**
 * Puts the scores side by side, each with the mAP of the network that it comes from: its own where the evaluation measured it,
 * else that of another evaluation of the same checkpoint.
 *
 * @param results tables by the id of their evaluation
 * @param options which to take
 * @returns one row per score
 */
export function compareResults(
  results: ReadonlyMap<string, Result>,
  options: ComparisonOptions,
): readonly Row[] {
  const maps = choose(results, options.multilabel, "map");
  const scores = choose(results, options.compare, "miou");
  const name = ({ about }: Result) => networkLabel(about.checkpoint, about.output);
  return scores.map((result): Row => {
    const { about, table } = result;
    const own = table.summary["map"] === undefined ? undefined : result;
    const source = own ?? maps.find((map) => map.about.checkpoint === about.checkpoint);
    const percent = source?.table.summary["map"];
    const twice = scores.filter((other) => name(other) === name(result)).length > 1;
    return {
      label: name(result) + (twice ? ` (${about.stage})` : ""),
      result,
      miou: table.summary["miou"]!,
      ...source && percent !== undefined && { map: { percent, result: source } },
      classifier: classifierOf(about, percent, options.minMap),
    };
  });
}

function classifierOf(
  { checkpoint, output }: Result["about"],
  percent: number | undefined,
  minMap: number,
): Classifier {
  if (percent !== undefined) return percent >= 100 * minMap ? "works" : "failed";
  return output === checkpoint || output === SEGMENTATION ? "none" : "not measured";
}

/**
 * Tells whether two scores are comparable, that is, measured on the same images.
 *
 * @param row any row
 * @param base another
 * @returns true for the same split
 */
export function sameImages(row: Row, base: Row): boolean {
  const a = row.result.about, b = base.result.about;
  return a.split === b.split && a.images === b.images && a.maskScale === b.maskScale;
}

/** Conclusion at the top of the report. */
export interface Verdict {
  /** `bad`: a classifier failed; `unsure`: its mAP is unknown, or nothing is compared; `good` or `even` else. */
  readonly tone: "good" | "even" | "unsure" | "bad";
  readonly headline: string;
  readonly details: readonly string[];
}

/**
 * Names what was scored or inferred.
 *
 * @param checkpoint id of the stage that trained the network
 * @param output head output
 * @returns such as `seam, cam_rv`
 */
export function networkLabel(checkpoint: string, output: string): string {
  return checkpoint === output ? output : `${checkpoint}, ${output}`;
}

const percent = (value: number) => `${value.toFixed(1)} %`;

/**
 * Describes a row's gain over the first.
 *
 * @param row any row
 * @param base the first row
 * @returns a sentence
 */
export function gainLine(row: Row, base: Row): string {
  const points = row.miou - base.miou;
  const relative = 100 * points / base.miou;
  const sign = points < 0 ? "−" : "+";
  const size = (value: number) => sign + Math.abs(value).toFixed(1);
  return `${row.label} against ${base.label}: ${size(points)} points of mIoU (${
    size(relative)
  } % relative)`;
}

/** Describes a score on other images than the first row's, which gives no gain. */
function elsewhereLine({ label, miou, result: { about: { split, images } } }: Row): string {
  return `${label} reaches ${percent(miou)} mIoU on ${split}, ${images} images`;
}

/**
 * Draws a conclusion from the scores: none where a classifier failed, because CAMs of a classifier that does not separate
 * the classes can score high by accident.
 *
 * @param rows at least one; the first is what the others are compared with
 * @param minMap minimum mAP of a working classifier, as a fraction
 * @returns the conclusion
 */
export function judge(rows: readonly Row[], minMap: number): Verdict {
  const failed = rows.filter(({ classifier }) => classifier === "failed");
  if (failed.length > 0) {
    return {
      tone: "bad",
      headline: "A classifier failed: these scores are no result",
      details: [
        ...failed.map(({ label, map, miou }) =>
          `${label}: classification mAP ${percent(map!.percent)}, below ${
            percent(100 * minMap)
          }; its mIoU of ${percent(miou)} says nothing about the method`
        ),
        "No gain is stated. Train longer, or with other settings, until every classifier works.",
      ],
    };
  }
  const [base, ...others] = rows;
  const unmeasured = rows.filter(({ classifier }) => classifier === "not measured");
  const caution = unmeasured.length === 0 ? [] : [
    `Classification mAP was not measured for ${
      unmeasured.map(({ label }) => label).join("; ")
    }: whether the classifier works is unknown`,
  ];
  if (!base) {
    return { tone: "unsure", headline: "No mIoU was measured in this run", details: [] };
  }
  const compared = others.filter((row) => sameImages(row, base));
  const best = compared.reduce((best, row) => row.miou > best.miou ? row : best, base);
  const headline = best === base
    ? compared.length === 0
      ? `${base.label} reaches ${percent(base.miou)} mIoU`
      : `Nothing exceeds ${base.label} at ${percent(base.miou)} mIoU`
    : `${best.label} reaches ${percent(best.miou)} mIoU, ${
      (best.miou - base.miou).toFixed(1)
    } points above ${base.label}`;
  return {
    tone: caution.length > 0 ? "unsure" : best === base ? "even" : "good",
    headline,
    details: [
      ...others.map((row) => compared.includes(row) ? gainLine(row, base) : elsewhereLine(row)),
      ...caution,
    ],
  };
}

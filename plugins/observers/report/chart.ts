import { formatNumber } from "../format.ts";
import { type Html, markup } from "./html.ts";

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** Index into the report's colours. */
  readonly colour: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Minimum and maximum around each point. */
  readonly band?: readonly (readonly [low: number, high: number])[];
  /** A point to be marked. */
  readonly mark?: readonly [x: number, y: number];
}

/** A chart of lines. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  /** Whether the vertical axis begins at 0. */
  readonly fromZero: boolean;
}

/** Number of line colours in the style sheet. */
const COLOURS = 6;

const WIDTH = 360, HEIGHT = 210;
const LEFT = 42, RIGHT = 10, TOP = 10, BOTTOM = 34;

/** A step of 1, 2 or 5 times a power of ten that splits a range into about `count` parts. */
function niceStep(range: number, count: number): number {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

/** Multiples of a nice step within a range. */
function ticks(low: number, high: number, count: number): readonly number[] {
  if (!(high > low)) return [low];
  const step = niceStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly place: (value: number) => number;
}

function axis(values: readonly number[], fromZero: boolean, from: number, to: number): Axis {
  let low = fromZero ? 0 : Math.min(...values);
  let high = Math.max(...values, fromZero ? 0 : -Infinity);
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  return { low, high, place: (value) => from + (value - low) / (high - low) * (to - from) };
}

const path = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

const label = (value: number) => String(Number(value.toPrecision(6)));

function drawSeries({ points, band, mark, colour }: Series, x: Axis, y: Axis): Html {
  const at = ([px, py]: readonly [number, number]): [number, number] => [x.place(px), y.place(py)];
  const clamp = (value: number) => Math.min(Math.max(value, y.low), y.high);
  const edge = (which: 0 | 1) => points.map(([px], i) => at([px, clamp(band?.[i]?.[which] ?? 0)]));
  const outline = band && `${path([...edge(0), ...edge(1).reverse()])}Z`;
  return markup`<g class="s${colour % COLOURS}">${
    outline && markup`<path class="band" d="${outline}"/>`
  }<path class="line" d="${path(points.map(at))}"/>${mark && drawMark(at(mark))}</g>
`;
}

function drawMark([x, y]: readonly [number, number]): Html {
  return markup`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.5"/>`;
}

function drawRow(value: number, y: number): Html {
  const at = y.toFixed(1);
  return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>
<text class="tick" x="${LEFT - 6}" y="${at}" dy="3.5" text-anchor="end">${label(value)}</text>
`;
}

function drawColumn(text: string, x: number, y: number): Html {
  return markup`<text class="tick" x="${x.toFixed(1)}" y="${y}" text-anchor="middle">${text}</text>
`;
}

function drawLegend({ name, colour }: Series): Html {
  const line =
    markup`<svg viewBox="0 0 22 8" aria-hidden="true"><path class="line" d="M0 4L22 4"/></svg>`;
  return markup`<li class="s${colour % COLOURS}">${line}${name}</li>`;
}

/** Text alternative of a chart, for screen readers. */
function describe({ series }: Chart): string {
  return series.map(({ name, points, mark }) => {
    const first = points[0]?.[1] ?? 0, last = points.at(-1)?.[1] ?? 0;
    const best = mark ? `, best ${formatNumber(mark[1])} at ${formatNumber(mark[0])}` : "";
    return `${name}: from ${formatNumber(first)} to ${formatNumber(last)}${best}`;
  }).join("; ");
}

/**
 * Draws a chart as inline SVG with its legend, in the page's colours.
 *
 * @param chart at least one series with a point
 * @returns a figure
 */
export function drawChart(chart: Chart): Html {
  const { title, xLabel, series, fromZero } = chart;
  const all = series.flatMap(({ points }) => points);
  const x = axis(all.map(([px]) => px), false, LEFT, WIDTH - RIGHT);
  const y = axis(all.map(([, py]) => py), fromZero, HEIGHT - BOTTOM, TOP);
  const rows = ticks(y.low, y.high, 4).map((value) => drawRow(value, y.place(value)));
  const columns = ticks(x.low, x.high, 5)
    .map((value) => drawColumn(label(value), x.place(value), HEIGHT - BOTTOM + 15));
  return markup`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${describe(chart)}">
${rows}${columns}${drawColumn(xLabel, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4)}${
    series.map((one) => drawSeries(one, x, y))
  }</svg>
<ul class="legend">${series.map(drawLegend)}</ul></figure>
`;
}

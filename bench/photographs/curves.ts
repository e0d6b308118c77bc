import type { Curve, PhotographResults } from "./results.ts";

const WIDTH = 380, HEIGHT = 220, LEFT = 44, RIGHT = 10, TOP = 28, BOTTOM = 34;

/** One colour a run: black, blue, orange, green, as colour-blind readers tell apart. */
const COLOURS = ["#222222", "#0072b2", "#d55e00", "#009e73"];

/** A training of every run. */
interface Panel {
  readonly title: string;
  readonly lines: readonly { readonly name: string; readonly points: Curve["points"] }[];
}

/**
 * Draws the losses of all trainings, a panel each, a line a run.
 *
 * @param results of all recipes
 * @returns an SVG file
 */
export function drawCurves({ runs, halves }: PhotographResults): string {
  const stages = new Map<string, Panel["lines"]>();
  for (const { recipe, seed, curves } of runs) {
    for (const { stage, points } of curves) {
      const title = `${recipe.replace("voc-animals-", "")}: ${stage}`;
      stages.set(title, [...stages.get(title) ?? [], { name: `seed ${seed}`, points }]);
    }
  }
  const panels: Panel[] = [...stages].map(([title, lines]) => ({ title, lines }));
  if (halves) panels.push({ title: "precision on webgpu: seam", lines: halves.curves });
  const columns = 2, rows = Math.ceil(panels.length / columns);
  const body = panels.map((panel, i) =>
    `<g transform="translate(${i % columns * WIDTH} ${Math.floor(i / columns) * HEIGHT})">\n${
      drawPanel(panel)
    }</g>\n`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * WIDTH} ${
    rows * HEIGHT
  }" font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#ffffff"/>\n${
    body.join("")
  }</svg>\n`;
}

function drawPanel({ title, lines }: Panel): string {
  const points = lines.flatMap(({ points }) => points);
  const steps = Math.max(...points.map(([step]) => step));
  // The first mean of a training from scratch would flatten all that follow.
  const top = 1.05 * Math.max(...lines.flatMap(({ points }) => points.slice(1).map(([, y]) => y)));
  const x = (step: number) => (LEFT + step / steps * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (loss: number) =>
    (HEIGHT - BOTTOM - Math.min(loss, top) / top * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const unit = 10 ** Math.floor(Math.log10(top)) /
    (top / 10 ** Math.floor(Math.log10(top)) < 3 ? 2 : 1);
  const grid = Array.from({ length: Math.floor(top / unit) + 1 }, (_, i) => i * unit).map((value) =>
    `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#dddddd"/><text x="${LEFT - 6}" y="${
      y(value)
    }" dy="4" text-anchor="end">${Number(value.toPrecision(3))}</text>\n`
  );
  const drawn = lines.map(({ points }, i) =>
    `<path fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.5" d="${
      points.map(([step, loss], j) => `${j === 0 ? "M" : "L"}${x(step)} ${y(loss)}`).join("")
    }"/>\n`
  );
  const names = lines.map(({ name }, i) =>
    `<text x="${WIDTH - RIGHT - 60 * (lines.length - 1 - i)}" y="16" text-anchor="end" fill="${
      COLOURS[i % COLOURS.length]
    }">${name}</text>\n`
  );
  return `<text x="${LEFT}" y="16" font-weight="bold">${title}</text>\n${names.join("")}${
    grid.join("")
  }${drawn.join("")}<text x="${WIDTH - RIGHT}" y="${
    HEIGHT - 12
  }" text-anchor="end">step ${steps}</text><text x="${LEFT}" y="${HEIGHT - 12}">loss</text>\n`;
}

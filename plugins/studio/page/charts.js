import { css, DASHES, lineColour } from "./colours.js";
import { h } from "./dom.js";
import { thin } from "./journal.js";

/** index.html loads it before. */
const { uPlot } = globalThis;

const HEIGHT = 210;

const format = (value) => {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(4)));
};

/** Charts redraw with the colours of the scheme when it changes. */
const SCHEME = matchMedia("(prefers-color-scheme: dark)");

/**
 * A chart with a title and lines, whose data may grow.
 *
 * @param {string} title
 * @param {string} xLabel
 */
export class Chart {
  #plot;
  #names = "";
  #lines = [];
  #body = h("div", { class: "plot" });
  #summary = h("p", { class: "visually-hidden" });

  constructor(title, xLabel, signal) {
    this.title = title;
    this.xLabel = xLabel;
    this.node = h(
      "figure",
      { class: "chart" },
      h("figcaption", {}, title),
      this.#body,
      this.#summary,
    );
    const resized = new ResizeObserver(() => this.#resize());
    resized.observe(this.#body);
    const redraw = () => this.#build();
    SCHEME.addEventListener("change", redraw);
    signal.addEventListener("abort", () => {
      resized.disconnect();
      SCHEME.removeEventListener("change", redraw);
      this.#plot?.destroy();
    });
  }

  /** Shows lines `{name, xs, ys, colour}`. */
  update(lines) {
    this.#lines = lines.map((line, i) => {
      const [xs, ys] = thin(line.xs, line.ys);
      return { ...line, xs, ys, colour: line.colour ?? i };
    });
    this.points = lines.reduce((sum, { xs }) => sum + xs.length, 0);
    this.node.dataset.points = this.points;
    this.#summary.textContent = `${this.title}, latest: ` +
      lines.map(({ name, ys }) => `${name} ${format(ys.findLast((y) => y !== null))}`).join("; ");
    const names = JSON.stringify(this.#lines.map(({ name, colour }) => [name, colour]));
    if (names === this.#names && this.#plot) {
      this.#plot.setData(this.#data());
      if (this.#plot.cursor.idx === null) this.#legend();
    } else {
      this.#names = names;
      this.#build();
    }
  }

  #data() {
    if (this.#lines.length === 0) return [[]];
    return uPlot.join(this.#lines.map(({ xs, ys }) => [xs, ys]));
  }

  /** Without a pointer, the legend tells the latest numbers. */
  #legend() {
    const length = this.#plot?.data[0].length ?? 0;
    if (length === 0) return;
    const last = (ys) => ys.findLastIndex((y) => y !== null && y !== undefined);
    this.#plot.setLegend({ idxs: this.#plot.data.map(last) }, false);
  }

  #resize() {
    const width = this.#body.clientWidth;
    if (!this.#plot && width > 0) this.#build();
    else if (this.#plot && width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: HEIGHT });
    }
  }

  #build() {
    const width = this.#body.clientWidth;
    this.#plot?.destroy();
    this.#plot = undefined;
    if (width === 0) return;
    const ink = css("--soft"), line = css("--line");
    const axis = {
      stroke: ink,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
      font: "11px system-ui, sans-serif",
    };
    const value = (_, raw) => format(raw);
    this.#plot = new uPlot(
      {
        width,
        height: HEIGHT,
        scales: { x: { time: false } },
        axes: [
          {
            ...axis,
            label: this.xLabel,
            labelSize: 18,
            labelFont: "11px system-ui, sans-serif",
            size: 34,
          },
          { ...axis, size: 58, values: (_, ticks) => ticks.map(format) },
        ],
        series: [
          { label: this.xLabel, value },
          ...this.#lines.map(({ name, colour }) => ({
            label: name,
            stroke: lineColour(colour),
            dash: DASHES[colour % DASHES.length],
            width: 1.75,
            spanGaps: true,
            points: { show: this.#lines.every(({ xs }) => xs.length < 12) },
            value,
          })),
        ],
        cursor: { y: false },
        hooks: { setCursor: [({ cursor }) => cursor.idx === null && this.#legend()] },
      },
      this.#data(),
      this.#body,
    );
    this.#legend();
  }
}

/** A grid of charts by title: those that are not there yet are made. */
export class Charts {
  #charts = new Map();

  constructor(signal) {
    this.signal = signal;
    this.node = h("div", { class: "columns" });
  }

  /** Shows a chart's lines; charts without points are not made. */
  update(title, xLabel, lines) {
    const shown = lines.filter(({ xs }) => xs.length > 0);
    if (shown.length === 0 && !this.#charts.has(title)) return;
    let chart = this.#charts.get(title);
    if (!chart) {
      chart = new Chart(title, xLabel, this.signal);
      this.#charts.set(title, chart);
      this.node.append(chart.node);
    }
    chart.update(shown);
  }
}

import { ask, NO_WEIGHTS, prepare, saidOf, waitingFor } from "./compute.js";
import { field, fill, h, say } from "./dom.js";
import { canvasOf, paintHeat } from "./maps.js";
import { figure } from "./thumbnails.js";

/** What is computed of a pixel: by which question, what a network must give, what is called how. */
const KINDS = [
  {
    question: "pcm",
    network: "Network of the PCM",
    title: "the PCM's affinity",
    missing:
      "No finished stage of this run left a network whose head compares pixels by a PCM, as SEAM's does.",
    maps: [["affinity", "PCM affinity"]],
  },
  {
    question: "affinitynet",
    network: "AffinityNet",
    title: "AffinityNet's affinity and its random walk",
    missing: "No finished stage of this run left an AffinityNet, a network with the head affinity.",
    maps: [["affinity", "AffinityNet affinity"], ["walk", "random walk"]],
  },
  {
    question: "irn",
    network: "IRN",
    title: "IRN's affinity and the walk within its boundaries",
    missing: "No finished stage of this run left an IRN, a network with the head irn.",
    maps: [["affinity", "IRN affinity"], ["walk", "walk within boundaries"]],
  },
];

/** Marks a pixel of a picture by a cross of two colours, which shows on every ground. */
function mark(canvas, x, y) {
  const context = canvas.getContext("2d");
  const size = Math.max(canvas.width, canvas.height), arm = Math.max(size / 24, 3);
  for (const [colour, width] of [["#000", 3], ["#fff", 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = width * Math.max(size / 400, 0.5);
    context.beginPath();
    context.moveTo(x + 0.5 - arm, y + 0.5);
    context.lineTo(x + 0.5 + arm, y + 0.5);
    context.moveTo(x + 0.5, y + 0.5 - arm);
    context.lineTo(x + 0.5, y + 0.5 + arm);
    context.stroke();
  }
  return canvas;
}

/** A map over the photograph; a random walk spreads thin, so that its strongest pixel counts as 1. */
function overPhoto(photo, { width, height, data }) {
  const most = data.reduce((most, value) => Math.max(most, value), 0);
  const scale = most > 0 ? 1 / most : 1;
  const cams = new Map([[0, data.map((value) => value * scale)]]);
  return [paintHeat(photo, { width, height, cams }), most];
}

/**
 * What is alike to a pixel of an image: by the PCM, by AffinityNet and IRN and by their random walks, computed in this browser.
 *
 * @param found what `getNetworks` gives
 * @param backend field of `backendChoice`; put into the panel where `own`
 */
export class PixelPanel {
  #photo;
  #name;
  #key;
  #turn = 0;
  #chosen = [];

  constructor({ weights, networks }, backend, own) {
    const can = weights
      ? KINDS.filter(({ question }) => networks.some(({ gives }) => gives[question]))
      : [];
    const faults = networks.flatMap(({ fault }) => fault ?? []);
    const missing = weights
      ? KINDS.filter((kind) => !can.includes(kind)).map(({ missing }) => missing)
      : [`${NO_WEIGHTS}.`];
    this.#chosen = can.map((kind) => {
      const select = h(
        "select",
        { id: `network-${kind.question}`, onchange: () => this.#compute() },
        networks.flatMap(({ gives, stage }, n) =>
          gives[kind.question] ? [h("option", { value: n }, stage)] : []
        ),
      );
      return { kind, select, network: () => networks[Number(select.value)] };
    });
    this.backend = backend;
    backend.addEventListener("change", () => this.#compute());
    const number = (id) =>
      h("input", { type: "number", id, min: 0, step: 1, onchange: () => this.#compute() });
    this.x = number("pixel-x");
    this.y = number("pixel-y");
    this.said = h("p", { class: "hint", id: "pixel-said" });
    this.maps = h("div", { class: "pictures", id: "pixel-maps" });
    const controls = can.length === 0 ? [] : [
      h(
        "p",
        {},
        `Click a pixel of the picture, or state its place: ${
          can.map(({ title }) => title).join(", ")
        }, computed in this browser from the run's weights.`,
      ),
      h(
        "div",
        { class: "bar" },
        field(this.x, "x"),
        field(this.y, "y"),
        this.#chosen.map(({ kind, select }) => field(select, kind.network)),
        own && field(backend, "Compute on"),
      ),
      this.said,
      this.maps,
    ];
    this.node = h(
      "div",
      { onfocusin: () => this.prepare() },
      controls,
      [...missing, ...faults].map((text) => h("p", { class: "hint" }, text)),
    );
  }

  /** Fetches what computes, where there is something to compute. */
  prepare() {
    if (this.#chosen.length > 0) prepare();
  }

  /** Tells of the image that is shown now; `key` tells it from all others. */
  show(photo, name, key) {
    this.#photo = photo;
    this.#name = name;
    this.#key = key;
    this.#turn++;
    this.x.max = photo.width - 1;
    this.y.max = photo.height - 1;
    this.x.value = this.y.value = "";
    this.said.textContent = "";
    fill(this.maps);
  }

  /** Computes of a pixel, as a click states it. */
  pick(x, y) {
    if (this.#chosen.length === 0) return;
    this.x.value = x;
    this.y.value = y;
    this.#compute();
  }

  async #compute() {
    const turn = ++this.#turn, photo = this.#photo, name = this.#name;
    if (!photo || this.x.value === "" || this.y.value === "") return;
    const x = Math.min(Math.max(Math.round(this.x.valueAsNumber), 0), photo.width - 1);
    const y = Math.min(Math.max(Math.round(this.y.valueAsNumber), 0), photo.height - 1);
    const { width, height, data: rgba } = photo;
    const image = { key: this.#key, width, height, rgba };
    const pictures = [], said = [];
    this.said.textContent = waitingFor(`of pixel ${x}, ${y}`);
    delete this.maps.dataset.pixel;
    // The numbers themselves, for the browser's console.
    this.maps.computed = {};
    let on;
    for (const { kind, network } of this.#chosen) {
      try {
        const found = await ask(kind.question, network(), this.backend.value, { image, x, y });
        if (turn !== this.#turn) return;
        on = { ...found.on, milliseconds: found.on.milliseconds + (on?.milliseconds ?? 0) };
        for (const [key, title] of kind.maps) {
          const map = found.answer[key];
          const [pixels, most] = overPhoto(photo, map);
          const canvas = mark(canvasOf(pixels, `${title} of pixel ${x}, ${y}: ${name}`), x, y);
          const small = key === "walk" ? `, strongest ${most.toPrecision(2)}` : "";
          pictures.push(figure(canvas, `${title}${small}`));
          this.maps.computed[title] = map;
        }
      } catch (error) {
        if (turn !== this.#turn) return;
        said.push(`${kind.title}: ${error.message}`);
      }
    }
    fill(this.maps, pictures);
    if (on) said.unshift(`Pixel ${x}, ${y}: ${saidOf(on)}.`);
    this.said.textContent = said.join(" ");
    this.maps.dataset.pixel = `${x},${y}`;
    if (on) this.maps.dataset.backend = on.name;
    say(this.said.textContent);
  }
}

import { classColours } from "./colours.js";
import {
  ask,
  backendChoice,
  getNetworks,
  NO_WEIGHTS,
  prepare,
  saidOf,
  waitingFor,
} from "./compute.js";
import { getJson } from "./data.js";
import { field, fill, h, offer, section, slider, table } from "./dom.js";
import { camViews, canvasOf, classOfView, paintHeat, paintMask, pseudoMask } from "./maps.js";
import { PixelPanel } from "./pixel.js";
import { ALPHAS } from "./scores.js";
import { legend } from "./thumbnails.js";
import { Viewer } from "./viewer.js";

/** Networks that give CAMs. */
function networksOf({ weights, networks }) {
  if (!weights) {
    throw new Error(NO_WEIGHTS);
  }
  const able = networks.filter(({ gives }) => gives.cams);
  if (able.length > 0) return able;
  const faults = networks.flatMap(({ fault }) => fault ?? []);
  throw new Error(
    ["No finished stage of this run left a network that gives CAMs", ...faults].join(". "),
  );
}

/** A photograph of one's own under a network of a run: CAMs and mask, computed in the browser. */
export async function photographPage({ main, trail, signal, parameters: [id] }) {
  const run = await getJson(`runs/${id}/run.json`, signal);
  fill(
    trail,
    h("a", { href: "#/" }, "Runs"),
    h("a", { href: `#/run/${id}` }, run.name),
    h("span", { "aria-current": "page" }, "A photograph of your own"),
  );
  const found = await getNetworks(id, signal), networks = networksOf(found);
  prepare();
  const backend = backendChoice("backend"), panel = new PixelPanel(found, backend, false);
  const viewer = new Viewer((x, y) => panel.pick(x, y));
  let file, answer, classes = [], photo, count = 0, turn = 0, drawn = 0;

  const network = h(
    "select",
    { id: "network", onchange: () => (listClasses(), infer()) },
    networks.map(({ stage, use }, n) =>
      h("option", { value: n }, `${stage} (${use.backbone.use}, ${use.head.use})`)
    ),
  );
  backend.addEventListener("change", () => infer());
  const wanted = h("select", { id: "classes", onchange: () => infer() });
  const listClasses = () => {
    const { classes } = networks[Number(network.value)].use;
    fill(
      wanted,
      h("option", { value: "" }, "those that the network sees"),
      h("option", { value: [...classes.keys()].join() }, "all"),
      classes.map((name, c) => h("option", { value: c }, name)),
    );
  };
  listClasses();
  const show = h("select", { id: "show", onchange: () => draw() });
  const threshold = slider("alpha", ALPHAS.length - 1, () => draw());
  const numbers = h("output", { for: "alpha", id: "numbers" });
  const input = h("input", {
    type: "file",
    id: "file",
    accept: "image/*",
    onchange: () => choose(input.files[0]),
  });
  const drop = h(
    "div",
    {
      class: "drop",
      ondragover: (event) => (event.preventDefault(), drop.classList.add("over")),
      ondragleave: () => drop.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        drop.classList.remove("over");
        choose(event.dataTransfer.files[0]);
      },
    },
    field(input, "Choose a photograph, or drop one here"),
    h("p", { class: "hint" }, "It stays in this browser: nothing is uploaded."),
  );
  const said = h("p", { class: "hint", id: "said", role: "status" });
  const result = h("div", { hidden: true });
  const scores = h("div"), colours = h("div");

  const draw = () => {
    if (!answer) return;
    const alpha = ALPHAS[threshold.value], { width, height, shown } = answer;
    const cams = new Map(shown.map((c, k) => [c, answer.cams[k]]));
    const map = { width, height, cams }, mask = pseudoMask(map, alpha);
    const covered = mask.reduce((sum, c) => sum + Number(c > 0), 0) / mask.length;
    numbers.textContent = `alpha ${alpha.toFixed(2)}: ${
      (100 * covered).toFixed(1)
    } % of the pixels`;
    const view = show.value;
    const pixels = view === "photo"
      ? photo
      : view === "mask"
      ? paintMask(photo, map, mask, classes.length)
      : paintHeat(photo, map, classOfView(view));
    viewer.show(canvasOf(pixels, `${show.selectedOptions[0].textContent}: ${file.name}`));
    result.mask = mask;
    result.dataset.drawn = ++drawn;
  };
  const views = () =>
    offer(show, [
      ...camViews(answer.shown, classes),
      ["mask", "mask at alpha"],
      ["photo", "photograph"],
    ]);
  const choose = (chosen) => {
    if (!chosen) return;
    file = chosen;
    count++;
    infer();
  };
  const infer = async () => {
    if (!file) return;
    const now = ++turn, chosen = networks[Number(network.value)];
    said.textContent = waitingFor(`CAMs of ${file.name}`);
    delete result.dataset.answered;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const { answer: given, on } = await ask("photograph", chosen, backend.value, {
        name: file.name,
        bytes,
        classes: wanted.value === "" ? [] : wanted.value.split(",").map(Number),
      });
      if (now !== turn || signal.aborted) return;
      answer = given;
      ({ classes } = chosen.use);
      photo = new ImageData(given.rgba, given.width, given.height);
      const { output, scales, flip, longSide, alpha } = chosen.settings;
      threshold.value = Math.round(alpha * 100);
      views();
      result.hidden = false;
      draw();
      fill(
        scores,
        table(
          `What the network sees in ${file.name}`,
          ["class", "probability (%)"],
          classes.map((name, c) => [name, 100 * given.probabilities[c]]),
        ),
      );
      fill(colours, legend(classes, classColours(classes.length)));
      panel.show(photo, file.name, `own ${count}`);
      said.textContent =
        `${file.name}: ${output}, scales ${scales.join(", ")}${
          flip ? ", mirrored too" : ""
        }, long side at most ${longSide}; ${saidOf(on)}. ` +
        "EXIF orientation of JPEG is not applied.";
      result.answer = given;
      result.dataset.backend = on.name;
      result.dataset.answered = String(count);
    } catch (error) {
      if (now !== turn) return;
      result.hidden = true;
      said.textContent = error.message;
    }
  };

  result.id = "result";
  fill(
    result,
    h(
      "div",
      { class: "bar" },
      field(show, "Show"),
      field(threshold, "Threshold alpha"),
      numbers,
    ),
    viewer.node,
    colours,
    section("Of a pixel", panel.node),
    section("Classes", scores),
  );
  fill(
    main,
    h("h1", {}, "A photograph of your own"),
    h(
      "div",
      { class: "bar" },
      field(network, "Network"),
      field(wanted, "Classes"),
      field(backend, "Compute on"),
    ),
    drop,
    said,
    result,
  );
}

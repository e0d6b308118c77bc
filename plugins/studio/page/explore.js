import { classColours } from "./colours.js";
import { getJson, poll } from "./data.js";
import { field, fill, h, offer, section, slider } from "./dom.js";
import {
  camViews,
  canvasOf,
  classOfView,
  ERRORS,
  paintErrors,
  paintHeat,
  paintMask,
  pseudoMask,
  splitPlace,
} from "./maps.js";
import { confusionTable } from "./confusion.js";
import { backendChoice, getNetworks } from "./compute.js";
import { ImageList, percent } from "./image_list.js";
import { PixelPanel } from "./pixel.js";
import { ALPHAS, confusionAt, splitMiou } from "./scores.js";
import { ShownImage } from "./shown_image.js";
import { figure, legend, paintMap } from "./thumbnails.js";
import { Viewer } from "./viewer.js";

/** Images of a run, one by one. */
export async function explorePage(
  { main, trail, signal, parameters: [id, splitNumber = "0", firstImage] },
) {
  const run = await getJson(`runs/${id}/run.json`, signal);
  const splits = await getJson(`runs/${id}/splits.json`, signal);
  fill(
    trail,
    h("a", { href: "#/" }, "Runs"),
    h("a", { href: `#/run/${id}` }, run.name),
    h("span", { "aria-current": "page" }, "Images"),
  );
  const number = Number(splitNumber), split = splits[number];
  if (!split) throw new Error("This run has no CAMs or masks yet, or not of this split");
  const place = splitPlace(id, number);
  const listed = await getJson(`${place}/images.json`, signal);
  const { images, classes } = listed, list = new ImageList(listed, (index) => open(index));
  const colours = classColours(classes.length);
  // The last CAMs of these very images; others may have maps of some of them.
  const own = split.sources.findLastIndex((one) =>
    one.kind === "cams" && one.split === split.split
  );
  const usual = own >= 0 ? own : split.sources.findLastIndex((one) => one.split === split.split);
  let source = Math.max(usual, 0),
    alpha = split.sources[source].alpha,
    scores,
    shown,
    drawing = 0;

  const stage = h(
    "select",
    { id: "stage", onchange: () => choose(Number(stage.value)) },
    split.sources.map(({ stage, label }, k) =>
      h("option", { value: k }, label === stage ? stage : `${stage} (${label})`)
    ),
  );
  const show = h("select", { id: "show", onchange: () => draw() });
  const threshold = slider("alpha", ALPHAS.length - 1, () => {
    alpha = ALPHAS[threshold.value];
    drawScores();
    draw();
  });
  const numbers = h("output", { for: "alpha", id: "numbers" });
  const splitChoice = h("select", {
    id: "split",
    onchange: () => location.hash = `#/explore/${id}/${splitChoice.value}`,
  }, splits.map(({ split, dataset }, k) => h("option", { value: k }, `${split} (${dataset})`)));
  const panel = new PixelPanel(await getNetworks(id, signal), backendChoice("pixel-backend"), true);
  const viewer = new Viewer((x, y) => panel.pick(x, y)),
    title = h("h2", { id: "name" }),
    thumbs = h("div", { class: "pictures" }),
    matrix = h("div"),
    note = h("p", { class: "hint" });

  const drawScores = () => {
    const confusion = scores && scores.cells.length > 0
      ? confusionAt(scores.cells, classes.length, Math.round(alpha * 100))
      : undefined;
    fill(
      matrix,
      confusion
        ? confusionTable(confusion, classes)
        : h("p", { class: "hint" }, "No pixels were compared yet."),
    );
    numbers.dataset.split = confusion ? splitMiou(confusion).toFixed(3) : "";
    drawNumbers();
  };
  let imageScore;
  const drawNumbers = () => {
    const { kind } = split.sources[source];
    const whole = numbers.dataset.split ? percent(Number(numbers.dataset.split)) : "–";
    const at = kind === "cams" ? `alpha ${alpha.toFixed(2)}: ` : "";
    numbers.textContent = `${at}mIoU of this image ${
      percent(imageScore)
    }, of ${split.split} ${whole}`;
  };
  /** Views that fit the stage. */
  const drawViews = () => {
    const { kind } = split.sources[source];
    const cams = kind === "cams" ? camViews(shown?.facts.classes ?? [], classes) : [];
    offer(show, [
      ...cams,
      ["mask", kind === "cams" ? "mask at alpha" : "mask"],
      ["errors", "errors"],
      ["truth", "truth"],
      ["photo", "photograph"],
    ]);
    threshold.disabled = kind !== "cams";
  };
  const picture = (map, mask) => {
    const { photo, truth, facts } = shown, view = show.value;
    if (view === "photo") return [photo, "photograph"];
    if (view === "truth") {
      return truth
        ? [paintMask(photo, truth, truth.mask, classes.length), "truth"]
        : [photo, "no truth"];
    }
    if (!map) return [photo, "nothing stored"];
    if (view === "mask") return [paintMask(photo, map, mask, classes.length), "mask"];
    if (view === "errors") {
      return truth ? [paintErrors(photo, map, mask, truth), "errors"] : [photo, "no truth"];
    }
    const c = classOfView(view);
    return [
      paintHeat(photo, map, c),
      `CAM${c === undefined ? "" : ` of ${classes[c]}`}, ${facts.name}`,
    ];
  };
  const draw = async () => {
    if (!shown) return;
    const turn = ++drawing;
    const map = await shown.map(source, signal);
    if (turn !== drawing) return;
    const mask = map && (map.mask ?? pseudoMask(map, alpha));
    imageScore = map && shown.miou(map, mask, classes.length);
    errors.hidden = show.value !== "errors";
    const [pixels, what] = picture(map, mask);
    viewer.show(canvasOf(pixels, `${what}: ${shown.facts.name}`));
    note.textContent = map ? "" : `${split.sources[source].stage} stored nothing of this image.`;
    drawNumbers();
  };
  const drawThumbs = async () => {
    const now = shown, { photo, truth, facts } = now;
    const pictures = [figure(canvasOf(photo, "photograph"), "image")];
    if (truth) {
      pictures.push(
        figure(canvasOf(paintMask(photo, truth, truth.mask, classes.length), "truth"), "truth"),
      );
    }
    for (const [k, { stage, alpha }] of split.sources.entries()) {
      const map = await now.map(k, signal);
      if (now !== shown) return;
      if (!map) continue;
      const mask = map.mask ?? pseudoMask(map, alpha);
      const score = percent(now.miou(map, mask, classes.length));
      const button = h(
        "button",
        { class: "link", onclick: () => (pick(k), choose(k)) },
        stage,
      );
      pictures.push(
        figure(
          canvasOf(paintMap(photo, map, classes.length), stage),
          button,
          ` ${map.cams ? "CAM" : score}`,
        ),
      );
      if (map.cams) {
        pictures.push(
          figure(
            canvasOf(paintMask(photo, map, mask, classes.length), `mask of ${stage}`),
            `${stage}, alpha ${alpha}: ${score}`,
          ),
        );
      }
    }
    fill(
      thumbs,
      pictures,
      facts.maps.flatMap(({ fault }) => fault ? h("p", { class: "hint" }, fault) : []),
    );
  };
  const pick = (k) => stage.value = String(k);
  const open = async (index) => {
    const next = await ShownImage.read(place, index, signal);
    shown = next;
    title.textContent = `${next.facts.name}: ${
      next.facts.classes.map((c) => classes[c]).join(", ") || "no class"
    }`;
    history.replaceState(null, "", `#/explore/${id}/${number}/${index}`);
    list.mark(index);
    panel.show(next.photo, next.facts.name, `${place} ${index}`);
    drawViews();
    await draw();
    await drawThumbs();
    document.body.dataset.image = String(index);
  };
  // Ends the counting of the stage that was chosen before.
  let counting = new AbortController();
  const choose = async (k) => {
    source = k;
    alpha = split.sources[k].alpha;
    threshold.value = Math.round(alpha * 100);
    scores = undefined;
    counting.abort();
    counting = new AbortController();
    const until = AbortSignal.any([signal, counting.signal]);
    drawViews();
    drawScores();
    await draw();
    poll(700, until, async () => {
      const found = await getJson(`${place}/scores-${k}.json`, until);
      const ended = found.done === found.total || found.fault;
      scores = found;
      list.draw(scores);
      drawScores();
      return ended ? "done" : undefined;
    }, (error) => list.counted.textContent = error.message);
  };

  const errors = legend(
    ["object taken for background", "background taken for an object", "another class"],
    [ERRORS.missed, ERRORS.extra, ERRORS.wrong],
    "Colours of errors",
  );
  // A pointer on the picture may be about to click it.
  viewer.node.addEventListener("pointerenter", () => panel.prepare(), { once: true });
  splitChoice.value = String(number);
  pick(source);
  fill(
    main,
    h("h1", {}, `Images of ${run.name}`),
    h("p", {}, h("a", { href: `#/photograph/${id}` }, "A photograph of your own")),
    h(
      "div",
      { class: "explore" },
      h(
        "section",
        { class: "side", "aria-label": "Choose an image" },
        field(splitChoice, "Split"),
        field(list.search, "Search"),
        field(list.only, "Class"),
        list.counted,
        list.node,
      ),
      h(
        "div",
        {},
        title,
        h(
          "div",
          { class: "bar" },
          field(stage, "Stage"),
          field(show, "Show"),
          field(threshold, "Threshold alpha"),
          numbers,
        ),
        viewer.node,
        note,
        legend(classes, colours),
        errors,
        section("Of a pixel", panel.node),
        section("Every stage", thumbs),
        section(`Confusion matrix of ${split.split}`, matrix),
      ),
    ),
  );
  list.draw();
  await choose(source);
  const wanted = images.find(({ index }) => String(index) === firstImage) ??
    images.find((image) => image.classes.length > 0) ?? images[0];
  if (wanted) await open(wanted.index);
}

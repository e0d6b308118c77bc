import { classColours } from "./colours.js";
import { getJson, poll } from "./data.js";
import { fill, h, section } from "./dom.js";
import {
  canvasOf,
  ERRORS,
  getFacts,
  getMap,
  getPhoto,
  getTruth,
  paintErrors,
  paintHeat,
  paintMask,
  pseudoMask,
  resample,
  splitPlace,
} from "./maps.js";
import { ALPHAS, classIou, confusionAt, confusionOf, imageMiou, splitMiou } from "./scores.js";
import { figure, legend, paintMap, USUAL_ALPHA } from "./thumbnails.js";
import { Viewer } from "./viewer.js";

/** Images that the list shows at once. */
const LISTED = 200;

const percent = (value) =>
  value === undefined || Number.isNaN(value) ? "–" : `${value.toFixed(1)} %`;

/** The confusion matrix, each row in percent of its true pixels. */
function confusionTable(matrix, classes) {
  const names = ["background", ...classes], iou = classIou(matrix);
  const cells = (row, r) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count, c) => {
      const share = sum === 0 ? 0 : count / sum;
      const cell = h(
        "td",
        { class: c === r ? "number hit" : "number" },
        sum === 0 ? "" : (100 * share).toFixed(1),
      );
      cell.style.setProperty("--share", share.toFixed(3));
      return cell;
    });
  };
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    h(
      "table",
      { class: "confusion" },
      h("caption", {}, "Rows: true class; columns: predicted class; percent of the row's pixels"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "truth"),
          names.map((name) => h("th", { scope: "col", class: "number" }, name)),
          h("th", { scope: "col", class: "number" }, "IoU (%)"),
        ),
      ),
      h(
        "tbody",
        {},
        matrix.map((row, r) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, names[r]),
            cells(row, r),
            h("td", { class: "number" }, Number.isNaN(iou[r]) ? "–" : (100 * iou[r]).toFixed(1)),
          )
        ),
      ),
    ),
  );
}

/** What the page knows of the image that it shows. */
class Shown {
  maps = new Map();

  constructor(place, index, facts, photo, truth) {
    Object.assign(this, { place, index, facts, photo, truth });
  }

  static async read(place, index, signal) {
    const facts = await getFacts(place, index, signal);
    const photo = await getPhoto(place, index, signal);
    const truth = facts.truth ? await getTruth(place, index, signal) : undefined;
    return new Shown(place, index, facts, photo, truth);
  }

  /** A stage's map, where there is one. */
  async map(source, signal) {
    const facts = this.facts.maps.find((map) => map.source === source && !map.fault);
    if (!facts) return undefined;
    if (!this.maps.has(source)) {
      this.maps.set(source, await getMap(this.place, this.index, facts, signal));
    }
    return this.maps.get(source);
  }

  /** mIoU of a mask in the size of a map. */
  miou(map, mask, classes) {
    if (!this.truth) return undefined;
    return imageMiou(confusionOf(resample(this.truth.mask, this.truth, map), mask, classes));
  }
}

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
  const { images, classes, total } = await getJson(`${place}/images.json`, signal);
  const colours = classColours(classes.length);
  // The last CAMs of these very images; others may have maps of some of them.
  const own = split.sources.findLastIndex((one) =>
    one.kind === "cams" && one.split === split.split
  );
  const usual = own >= 0 ? own : split.sources.findLastIndex((one) => one.split === split.split);
  let source = Math.max(usual, 0),
    alpha = split.sources[source].alpha ?? USUAL_ALPHA,
    scores,
    shown,
    drawing = 0;

  const label = (name, text, control) =>
    h("div", { class: "field" }, h("label", { for: name }, text), control);
  const search = h("input", {
    type: "search",
    id: "search",
    placeholder: "name or class",
    oninput: () => drawList(),
  });
  const only = h(
    "select",
    { id: "only", onchange: () => drawList() },
    h("option", { value: "" }, "all classes"),
    classes.map((name, c) => h("option", { value: c }, name)),
  );
  const list = h("ol", { class: "images" }), counted = h("p", { class: "hint" });
  const stage = h(
    "select",
    { id: "stage", onchange: () => choose(Number(stage.value)) },
    split.sources.map(({ stage, label }, k) =>
      h("option", { value: k }, label === stage ? stage : `${stage} (${label})`)
    ),
  );
  const show = h("select", { id: "show", onchange: () => draw() });
  const slider = h("input", {
    type: "range",
    id: "alpha",
    min: 0,
    max: 100,
    step: 1,
    oninput: () => (alpha = ALPHAS[slider.value], drawScores(), draw()),
  });
  const numbers = h("output", { for: "alpha", id: "numbers" });
  const splitChoice = h("select", {
    id: "split",
    onchange: () => location.hash = `#/explore/${id}/${splitChoice.value}`,
  }, splits.map(({ split, dataset }, k) => h("option", { value: k }, `${split} (${dataset})`)));
  const viewer = new Viewer(),
    title = h("h2", { id: "name" }),
    thumbs = h("div", { class: "pictures" }),
    matrix = h("div"),
    note = h("p", { class: "hint" });

  const mious = () => new Map(scores?.images.map(({ index, miou }) => [index, miou]));
  const drawList = () => {
    const text = search.value.trim().toLowerCase(), by = mious();
    const fits = (image) => {
      const words = [image.name, ...image.classes.map((c) => classes[c])].join(" ").toLowerCase();
      return words.includes(text) &&
        (only.value === "" || image.classes.includes(Number(only.value)));
    };
    // Worst first; those that are not scored come last.
    const found = images.filter(fits).sort((a, b) =>
      (by.get(a.index) ?? Infinity) - (by.get(b.index) ?? Infinity) || a.index - b.index
    );
    fill(
      list,
      found.slice(0, LISTED).map(({ index, name, classes: own }) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              "aria-current": shown?.index === index && "true",
              "data-index": index,
              onclick: () => open(index),
            },
            h("span", {}, name),
            h("small", {}, own.map((c) => classes[c]).join(", ") || "no class"),
            h("b", {}, percent(by.get(index))),
          ),
        )
      ),
    );
    const progress = scores && scores.done < scores.total && !scores.fault
      ? `; scored ${scores.done} of ${scores.total}`
      : "";
    const copied = images.length < total ? ` (of ${total} in the split)` : "";
    counted.textContent = `${found.length} images${copied}${
      found.length > LISTED ? `, ${LISTED} shown` : ""
    }, worst first${progress}${scores?.fault ? `; not scored: ${scores.fault}` : ""}`;
  };
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
    const threshold = kind === "cams" ? `alpha ${alpha.toFixed(2)}: ` : "";
    numbers.textContent = `${threshold}mIoU of this image ${
      percent(imageScore)
    }, of ${split.split} ${whole}`;
  };
  /** Views that fit the stage. */
  const drawViews = () => {
    const { kind } = split.sources[source], before = show.value;
    const cams = kind === "cams"
      ? [
        ["heat", "CAM: strongest class"],
        ...(shown?.facts.classes ?? []).map((c) => [`cam-${c}`, `CAM: ${classes[c]}`]),
      ]
      : [];
    const views = [
      ...cams,
      ["mask", kind === "cams" ? "mask at alpha" : "mask"],
      ["errors", "errors"],
      ["truth", "truth"],
      ["photo", "photograph"],
    ];
    fill(show, views.map(([value, text]) => h("option", { value }, text)));
    if (views.some(([value]) => value === before)) show.value = before;
    slider.disabled = kind !== "cams";
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
    const [, c] = view.split("-");
    return [
      paintHeat(photo, map, c === undefined ? undefined : Number(c)),
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
    const { photo, truth, facts } = shown, now = shown;
    const pictures = [figure(canvasOf(photo, "photograph"), "image")];
    if (truth) {
      pictures.push(
        figure(canvasOf(paintMask(photo, truth, truth.mask, classes.length), "truth"), "truth"),
      );
    }
    for (const [k, { stage, alpha = USUAL_ALPHA }] of split.sources.entries()) {
      const map = await now.map(k, signal);
      if (now !== shown) return;
      if (!map) continue;
      const mask = map.mask ?? pseudoMask(map, alpha);
      const score = percent(now.miou(map, mask, classes.length));
      const pick = h(
        "button",
        { class: "link", onclick: () => (stage_value(k), choose(k)) },
        stage,
      );
      pictures.push(
        figure(
          canvasOf(paintMap(photo, map, classes.length), stage),
          pick,
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
  const stage_value = (k) => stage.value = String(k);
  const open = async (index) => {
    const next = await Shown.read(place, index, signal);
    shown = next;
    title.textContent = `${next.facts.name}: ${
      next.facts.classes.map((c) => classes[c]).join(", ") || "no class"
    }`;
    history.replaceState(null, "", `#/explore/${id}/${number}/${index}`);
    for (const button of list.querySelectorAll("button")) {
      button.toggleAttribute("aria-current", Number(button.dataset.index) === index);
    }
    drawViews();
    await draw();
    await drawThumbs();
    document.body.dataset.image = String(index);
  };
  let counting = new AbortController();
  const choose = async (k) => {
    source = k;
    alpha = split.sources[k].alpha ?? USUAL_ALPHA;
    slider.value = Math.round(alpha * 100);
    scores = undefined;
    counting.abort();
    counting = new AbortController();
    const { signal: until } = counting;
    signal.addEventListener("abort", () => counting.abort());
    drawViews();
    drawScores();
    await draw();
    poll(700, until, async () => {
      const found = await getJson(`${place}/scores-${k}.json`, until);
      const ended = found.done === found.total || found.fault;
      scores = found;
      // Between two pictures, the list stands still under the pointer but for what is new.
      drawList();
      drawScores();
      return ended ? "done" : undefined;
    }, (error) => counted.textContent = error.message);
  };

  const errors = h("ul", { class: "legend", "aria-label": "Colours of errors" });
  fill(
    errors,
    [["missed", "object taken for background"], ["extra", "background taken for an object"], [
      "wrong",
      "another class",
    ]].map(([name, text]) => {
      const box = h("i");
      box.style.background = `rgb(${ERRORS[name].join(" ")})`;
      return h("li", {}, box, text);
    }),
  );
  splitChoice.value = String(number);
  stage_value(source);
  fill(
    main,
    h("h1", {}, `Images of ${run.name}`),
    h(
      "div",
      { class: "explore" },
      h(
        "section",
        { class: "side", "aria-label": "Choose an image" },
        label("split", "Split", splitChoice),
        label("search", "Search", search),
        label("only", "Class", only),
        counted,
        list,
      ),
      h(
        "div",
        {},
        title,
        h(
          "div",
          { class: "bar" },
          label("stage", "Stage", stage),
          label("show", "Show", show),
          label("alpha", "Threshold alpha", slider),
          numbers,
        ),
        viewer.node,
        note,
        legend(classes, colours),
        errors,
        section("Every stage", thumbs),
        section(`Confusion matrix of ${split.split}`, matrix),
      ),
    ),
  );
  drawList();
  await choose(source);
  const wanted = images.find(({ index }) => String(index) === firstImage) ??
    images.find((image) => image.classes.length > 0) ?? images[0];
  if (wanted) await open(wanted.index);
}

import { fill, h } from "./dom.js";

/** Images that the list shows at once. */
const LISTED = 200;

/** Percent for people; a dash where there is nothing to tell. */
export const percent = (value) =>
  value === undefined || Number.isNaN(value) ? "–" : `${value.toFixed(1)} %`;

/** A list of images to choose from: searched by name and class, the worst first. */
export class ImageList {
  search = h("input", {
    type: "search",
    id: "search",
    placeholder: "name or class",
    oninput: () => this.draw(),
  });
  node = h("ol", { class: "images" });
  counted = h("p", { class: "hint" });
  #scores;
  #current;

  /** `images` and `total` as `images.json` has them, names of `classes`, and what a click does with an index. */
  constructor({ images, total, classes }, open) {
    Object.assign(this, { images, total, classes, open });
    this.only = h(
      "select",
      { id: "only", onchange: () => this.draw() },
      h("option", { value: "" }, "all classes"),
      classes.map((name, c) => h("option", { value: c }, name)),
    );
  }

  #fits(image) {
    const { search, only, classes } = this;
    const words = [image.name, ...image.classes.map((c) => classes[c])].join(" ").toLowerCase();
    return words.includes(search.value.trim().toLowerCase()) &&
      (only.value === "" || image.classes.includes(Number(only.value)));
  }

  #item({ index, name, classes }, miou) {
    return h(
      "li",
      {},
      h(
        "button",
        {
          "aria-current": this.#current === index && "true",
          "data-index": index,
          onclick: () => this.open(index),
        },
        h("span", {}, name),
        h("small", {}, classes.map((c) => this.classes[c]).join(", ") || "no class"),
        h("b", {}, percent(miou)),
      ),
    );
  }

  /** Shows the images in the order of these scores, or of the last ones. */
  draw(scores = this.#scores) {
    this.#scores = scores;
    const by = new Map(scores?.images.map(({ index, miou }) => [index, miou]));
    // Worst first; those that are not scored come last.
    const found = this.images.filter((image) => this.#fits(image)).sort((a, b) =>
      (by.get(a.index) ?? Infinity) - (by.get(b.index) ?? Infinity) || a.index - b.index
    );
    // A button that has the focus keeps it.
    const focused = this.node.contains(document.activeElement)
      ? document.activeElement.dataset.index
      : undefined;
    fill(this.node, found.slice(0, LISTED).map((image) => this.#item(image, by.get(image.index))));
    if (focused !== undefined) this.node.querySelector(`[data-index="${focused}"]`)?.focus();
    this.counted.textContent = [
      `${found.length} images`,
      this.images.length < this.total ? ` (of ${this.total} in the split)` : "",
      found.length > LISTED ? `, ${LISTED} shown` : "",
      scores?.fault ? "" : ", worst first",
      scores && scores.done < scores.total && !scores.fault
        ? `; scored ${scores.done} of ${scores.total}`
        : "",
      scores?.fault ? `; not scored: ${scores.fault}` : "",
    ].join("");
  }

  /** Marks the image that is shown. */
  mark(index) {
    this.#current = index;
    for (const button of this.node.querySelectorAll("button")) {
      button.removeAttribute("aria-current");
      if (Number(button.dataset.index) === index) button.setAttribute("aria-current", "true");
    }
  }
}

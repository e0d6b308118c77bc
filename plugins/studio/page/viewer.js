import { fill, h } from "./dom.js";

/** Factors of a step, and bounds, of the zoom. */
const STEP = 1.5, LEAST = 0.25, MOST = 32;

/** Pixels by which a pointer may move in a click. */
const DRAG = 4;

/**
 * A picture that can be enlarged: by buttons, `+` and `-`, or the wheel with Ctrl; moved by scrolling, dragging, or the arrow keys. A click
 * that drags nothing picks a pixel.
 */
export class Viewer {
  #canvas;
  #zoom = 0;
  #scroll = h("div", {
    class: "view",
    tabindex: "0",
    role: "group",
    "aria-label": "Picture; + and - zoom, arrow keys move",
  });
  #shown = h("output", {}, "");

  /** @param {(x: number, y: number) => void} [pick] told which pixel was clicked */
  constructor(pick) {
    const button = (text, label, act) => h("button", { "aria-label": label, onclick: act }, text);
    this.node = h(
      "div",
      { class: "viewer" },
      h(
        "div",
        { class: "bar" },
        button("−", "Smaller", () => this.zoom(1 / STEP)),
        button("+", "Larger", () => this.zoom(STEP)),
        button("Fit", "Fit the width", () => this.#fit()),
        this.#shown,
      ),
      this.#scroll,
    );
    this.#scroll.addEventListener("keydown", (event) => {
      if (event.key === "+" || event.key === "=") this.zoom(STEP);
      else if (event.key === "-") this.zoom(1 / STEP);
      else if (event.key === "0") this.#fit();
      else return;
      event.preventDefault();
    });
    this.#scroll.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? STEP : 1 / STEP);
    }, { passive: false });
    let dragged = 0;
    this.#scroll.addEventListener("pointerdown", () => dragged = 0);
    this.#scroll.addEventListener("pointermove", (event) => {
      if (event.buttons !== 1 || event.pointerType === "touch") return;
      dragged += Math.abs(event.movementX) + Math.abs(event.movementY);
      this.#scroll.scrollBy(-event.movementX, -event.movementY);
    });
    this.#scroll.addEventListener("click", (event) => {
      if (!pick || event.target !== this.#canvas || dragged > DRAG) return;
      const { width, height, clientWidth, clientHeight } = this.#canvas;
      const place = (offset, pixels, shown) =>
        Math.min(Math.max(Math.floor(offset * pixels / shown), 0), pixels - 1);
      pick(
        place(event.offsetX, width, clientWidth),
        place(event.offsetY, height, clientHeight),
      );
    });
    if (pick) this.#scroll.classList.add("picks");
  }

  /** Shows another picture; zoom and place stay where the size does. */
  show(canvas) {
    const same = this.#canvas?.width === canvas.width && this.#canvas?.height === canvas.height;
    const { scrollLeft, scrollTop } = this.#scroll;
    this.#canvas = canvas;
    fill(this.#scroll, canvas);
    if (same && this.#zoom > 0) {
      this.#apply();
      this.#scroll.scrollTo(scrollLeft, scrollTop);
    } else this.#fit();
  }

  #fit() {
    if (!this.#canvas) return;
    const { clientWidth } = this.#scroll;
    const high = Math.max(innerHeight * 0.6, 200) / this.#canvas.height;
    this.#zoom = Math.min(
      Math.max(Math.min((clientWidth || 400) / this.#canvas.width, high), LEAST),
      MOST,
    );
    this.#apply();
  }

  /** Enlarges about the middle of what is seen. */
  zoom(factor) {
    if (!this.#canvas) return;
    const box = this.#scroll, before = this.#zoom;
    this.#zoom = Math.min(Math.max(before * factor, LEAST), MOST);
    const grown = this.#zoom / before;
    const [x, y] = [box.scrollLeft + box.clientWidth / 2, box.scrollTop + box.clientHeight / 2];
    this.#apply();
    box.scrollTo(x * grown - box.clientWidth / 2, y * grown - box.clientHeight / 2);
  }

  #apply() {
    this.#canvas.style.width = `${this.#canvas.width * this.#zoom}px`;
    this.#canvas.classList.toggle("pixels", this.#zoom > 2);
    this.#shown.textContent = `${Math.round(100 * this.#zoom)} %`;
  }
}

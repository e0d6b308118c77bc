import { fill, h } from "./dom.js";
import { comparePage } from "./compare.js";
import { explorePage } from "./explore.js";
import { photographPage } from "./photograph.js";
import { runPage } from "./run.js";
import { runsPage } from "./runs.js";

const PAGES = {
  "": runsPage,
  run: runPage,
  compare: comparePage,
  explore: explorePage,
  photograph: photographPage,
};

const main = document.getElementById("main"), trail = document.getElementById("trail");
let leave = new AbortController();

/** Shows the page that the address names: `#/run/ID`, `#/compare/ID,ID`, `#/explore/ID/SPLIT/IMAGE`, `#/photograph/ID`. */
async function show(first) {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const [, name = "", ...rest] = location.hash.split("/");
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  fill(trail);
  fill(main, h("p", { class: "hint" }, "Reading …"));
  try {
    if (!page) throw new Error("There is no such page");
    await page({ main, trail, signal, parameters: rest.map(decodeURIComponent) });
  } catch (error) {
    if (signal.aborted) return;
    fill(
      main,
      h("h1", {}, "Cannot show this"),
      h("p", { role: "alert" }, error.message),
      h("p", {}, h("a", { href: "#/" }, "All runs")),
    );
  }
  if (signal.aborted) return;
  document.title = `${main.querySelector("h1")?.textContent ?? "Runs"} · Seamstress studio`;
  document.body.dataset.ready = location.hash || "#/";
  if (!first) main.focus({ preventScroll: true });
}

addEventListener("hashchange", () => {
  if (location.hash === "#main") return;
  show(false);
});
show(true);

import { badge, fill, h } from "./dom.js";
import { getJson, poll } from "./data.js";

/** mIoU of a run, where it was measured. */
function headline({ stages = [] }) {
  const scores = stages.flatMap(({ result }) => {
    const { miou } = result?.table.summary ?? {};
    return miou === undefined ? [] : [`${result.about.stage} ${miou.toFixed(1)} %`];
  });
  return scores.length > 3 ? `${scores.slice(0, 3).join(", ")}, …` : scores.join(", ");
}

function place({ state, at, stages = [], fault }) {
  if (fault) return fault;
  const done = stages.filter((stage) => stage.state === "finished").length;
  const steps = at?.step === undefined ? "" : `, step ${at.step} of ${at.totalSteps}`;
  return state === "finished" || !at
    ? `${done} of ${stages.length} stages`
    : `${at.stage}${steps}; ${done} of ${stages.length} stages`;
}

/** The list of runs. */
export async function runsPage({ main, signal }) {
  const chosen = new Set();
  const compare = h("a", { class: "button", "aria-disabled": "true" }, "Compare");
  const body = h("tbody"), empty = h("p", { class: "hint" });
  const filter = h("input", { type: "search", id: "filter", oninput: () => draw() });
  let runs = [], drawn = "";

  const choose = () => {
    const ids = runs.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
    compare.textContent = ids.length < 2
      ? "Compare: choose two runs or more"
      : `Compare ${ids.length} runs`;
    compare.toggleAttribute("href", false);
    compare.setAttribute("aria-disabled", String(ids.length < 2));
    if (ids.length > 1) compare.href = `#/compare/${ids.join(",")}`;
  };
  const row = (run) => {
    const { id, name, state, title, seed, started } = run;
    const box = h("input", {
      type: "checkbox",
      "aria-label": `Choose ${name} to compare`,
      onchange: ({ target }) => (chosen[target.checked ? "add" : "delete"](id), choose()),
    });
    box.checked = chosen.has(id);
    return h(
      "tr",
      {},
      h("td", {}, state !== "damaged" && box),
      h(
        "th",
        { scope: "row" },
        state === "damaged" ? name : h("a", { href: `#/run/${id}` }, name),
        h("small", {}, title),
      ),
      h("td", {}, badge(state)),
      h("td", {}, place(run)),
      h("td", {}, headline(run)),
      h("td", { class: "number" }, seed),
      h("td", {}, started?.slice(0, 16).replace("T", " ")),
    );
  };
  const draw = () => {
    const text = filter.value.toLowerCase();
    const shown = runs.filter(({ name, title = "" }) =>
      `${name} ${title}`.toLowerCase().includes(text)
    );
    fill(body, shown.map(row));
    empty.textContent = runs.length === 0
      ? "No runs here yet: a folder with a recipe.yaml is one. They show up here when they begin."
      : shown.length === 0
      ? "No run has this in its name"
      : "";
    choose();
  };
  fill(
    main,
    h("h1", {}, "Runs"),
    h("div", { class: "bar" }, h("label", { for: "filter" }, "Search"), filter, compare),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["", "run", "state", "at", "mIoU", "seed", "started (UTC)"].map((text) =>
              h("th", { scope: "col" }, text || h("span", { class: "visually-hidden" }, "choose"))
            ),
          ),
        ),
        body,
      ),
    ),
    empty,
  );
  const load = async () => {
    const found = await getJson("runs.json", signal);
    const text = JSON.stringify(found.runs);
    runs = found.runs;
    // Redrawing takes the focus from a box.
    if (text !== drawn) draw();
    drawn = text;
    return found.still ? "done" : undefined;
  };
  if (await load() === "done") return;
  poll(3000, signal, load, (error) => empty.textContent = error.message);
}

import { Charts } from "./charts.js";
import { classColours } from "./colours.js";
import { getJson, getText } from "./data.js";
import { badge, fill, h, section, table } from "./dom.js";
import { Journal } from "./journal.js";
import { splitPlace } from "./maps.js";
import { differences, withoutSeed } from "./options.js";
import { signed, spread } from "./scores.js";
import { imageRow, legend } from "./thumbnails.js";
import { drawTrainings } from "./training_charts.js";

/** Runs that differ in their seed alone stand together. */
function groupBySeed(runs) {
  const groups = new Map();
  for (const run of runs) {
    const key = withoutSeed(run.recipe);
    groups.set(key, [...groups.get(key) ?? [], run]);
  }
  return [...groups.values()];
}

const nameOf = (runs) =>
  runs.length === 1 ? runs[0].name : `${runs[0].name} and ${runs.length - 1} more of other seeds`;

const resultOf = (run, stage) => run.stages.find(({ id }) => id === stage)?.result;

function format(values) {
  if (values.length === 0) return "";
  const { mean, deviation } = spread(values);
  return deviation === undefined
    ? mean.toFixed(1)
    : `${mean.toFixed(1)} ± ${deviation.toFixed(1)} (n = ${values.length})`;
}

/** Evaluations that runs have, and their headline numbers. */
function scoreTable(groups) {
  const stages = [
    ...new Set(
      groups.flat().flatMap(({ stages }) =>
        stages.flatMap(({ result }) => result ? [result.about.stage] : [])
      ),
    ),
  ];
  const rows = stages.flatMap((stage) => {
    const results = groups.map((runs) => runs.flatMap((run) => resultOf(run, stage) ?? []));
    const names = [...new Set(results.flat().flatMap(({ table }) => Object.keys(table.summary)))];
    return names.filter((name) => name === "miou" || name === "map").map((name) => {
      const [{ about }] = results.flat();
      const cells = results.map((some) =>
        format(some.flatMap(({ table }) => table.summary[name] ?? []))
      );
      return [
        h(
          "span",
          {},
          `${stage}, ${name === "miou" ? "mIoU" : "mAP"} (%)`,
          h("small", {}, about.split),
        ),
        ...cells,
      ];
    });
  });
  if (rows.length === 0) {
    return h("p", { class: "hint" }, "None of these runs has scored anything yet.");
  }
  return table("Mean ± standard deviation over seeds", ["evaluation", ...groups.map(nameOf)], rows);
}

/** IoU by class, and the difference to the first. */
function classTable(groups, stage) {
  const means = groups.map((runs) => {
    const byClass = new Map();
    for (const run of runs) {
      for (const [name, value] of resultOf(run, stage)?.table.rows ?? []) {
        if (typeof value === "number") byClass.set(name, [...byClass.get(name) ?? [], value]);
      }
    }
    return new Map([...byClass].map(([name, values]) => [name, spread(values).mean]));
  });
  const names = [...new Set(means.flatMap((one) => [...one.keys()]))];
  const cell = (name, i) => {
    const value = means[i].get(name), base = means[0].get(name);
    if (value === undefined) return "";
    if (i === 0 || base === undefined) return value.toFixed(1);
    const { text, kind } = signed(value - base);
    return h("span", {}, value.toFixed(1), " ", h("small", { class: kind }, text));
  };
  return table(`${stage} by class, with the difference to the first`, [
    "class",
    ...groups.map(nameOf),
  ], names.map((name) => [name, ...groups.map((_, i) => cell(name, i))]));
}

function classes(groups) {
  const stages = [
    ...new Set(
      groups.flat().flatMap(({ stages }) =>
        stages.flatMap(({ result }) =>
          result?.table.summary.miou === undefined ? [] : [result.about.stage]
        )
      ),
    ),
  ];
  if (stages.length === 0) return [];
  const shown = h("div");
  const select = h("select", {
    id: "class-stage",
    onchange: () => fill(shown, classTable(groups, select.value)),
  }, stages.map((stage) => h("option", { value: stage }, stage)));
  fill(shown, classTable(groups, stages[0]));
  return section(
    "By class",
    h("div", { class: "bar" }, h("label", { for: "class-stage" }, "Evaluation"), select),
    shown,
  );
}

function options(runs) {
  const rows = differences(runs.map(({ recipe }) => recipe)).map((
    { path, values },
  ) => [path, ...values.map((value) => value ?? "–")]);
  if (rows.length === 0) return h("p", { class: "hint" }, "All options are the same.");
  return table("Options that differ", ["option", ...runs.map(({ name }) => name)], rows);
}

async function curves(runs, charts, signal) {
  const logs = await Promise.all(runs.map(async ({ id }) => {
    const journal = new Journal();
    journal.add(await getText(`runs/${id}/journal.jsonl`, signal));
    return journal;
  }));
  const trainings = logs.flatMap(({ stages }, colour) => {
    const { name } = runs[colour];
    return [...stages].map(([id, training]) => ({ name: `${name}: ${id}`, colour, training }));
  });
  drawTrainings(charts, trainings);
}

/** Splits with CAMs or masks that every run has, and their number in each. */
async function commonSplits(runs, signal) {
  const all = await Promise.all(runs.map(({ id }) => getJson(`runs/${id}/splits.json`, signal)));
  return all[0].flatMap(({ split, dataset }) => {
    const numbers = all.map((splits) =>
      splits.findIndex((one) => one.split === split && one.dataset === dataset)
    );
    return numbers.includes(-1)
      ? []
      : [{ split, numbers, splits: numbers.map((number, i) => all[i][number]) }];
  });
}

async function samePictures(runs, signal) {
  const [common] = await commonSplits(runs, signal);
  if (!common) return h("p", { class: "hint" }, "No split has CAMs or masks in all of these runs.");
  const places = runs.map(({ id }, i) => splitPlace(id, common.numbers[i]));
  const lists = await Promise.all(places.map((place) => getJson(`${place}/images.json`, signal)));
  const shared = lists[0].images.filter(({ name }) =>
    lists.every(({ images }) => images.some((image) => image.name === name))
  );
  const shown = h("div"),
    names = h("datalist", { id: "names" }, shared.map(({ name }) => h("option", { value: name })));
  const input = h("input", { id: "image", list: "names", onchange: () => show() });
  const show = async () => {
    const name = input.value;
    if (!shared.some((image) => image.name === name)) {
      return fill(shown, h("p", { class: "hint" }, `No image is called ${name}.`));
    }
    try {
      const rows = await Promise.all(runs.map(async (run, i) => {
        const { index } = lists[i].images.find((image) => image.name === name);
        const split = common.splits[i];
        const row = await imageRow(places[i], index, split, {
          classes: lists[i].classes,
          sources: [...split.sources.keys()],
        }, signal);
        return h("div", {}, h("h3", {}, run.name), row);
      }));
      if (input.value === name) {
        fill(shown, legend(lists[0].classes, classColours(lists[0].classes.length)), rows);
      }
    } catch (error) {
      if (!signal.aborted) fill(shown, h("p", { role: "alert" }, error.message));
    }
  };
  const step = (by) => {
    const at = shared.findIndex(({ name }) => name === input.value);
    input.value = shared[(at + by + shared.length) % shared.length].name;
    show();
  };
  input.value = (shared.find((image) => image.classes.length > 1) ?? shared[0])?.name ?? "";
  show();
  return [
    h(
      "div",
      { class: "bar" },
      h("label", { for: "image" }, `Image of ${common.split}`),
      input,
      names,
      h("button", { onclick: () => step(-1) }, "Previous"),
      h("button", { onclick: () => step(1) }, "Next"),
    ),
    shown,
  ];
}

/** Runs side by side. */
export async function comparePage({ main, trail, signal, parameters: [ids = ""] }) {
  const runs = await Promise.all(
    ids.split(",").filter(Boolean).map((id) => getJson(`runs/${id}/run.json`, signal)),
  );
  const readable = runs.filter(({ recipe }) => recipe);
  if (readable.length < 2) throw new Error("Choose two runs or more in the list of runs");
  fill(trail, h("a", { href: "#/" }, "Runs"), h("span", { "aria-current": "page" }, "Comparison"));
  const groups = groupBySeed(readable), charts = new Charts(signal), pictures = h("div");
  fill(
    main,
    h("h1", {}, `${readable.length} runs compared`),
    h(
      "ul",
      { class: "chosen" },
      readable.map(({ id, name, state }) =>
        h("li", {}, h("a", { href: `#/run/${id}` }, name), " ", badge(state))
      ),
    ),
    section("Scores", scoreTable(groups)),
    classes(groups.length > 1 ? groups : readable.map((run) => [run])),
    section("Options", options(readable)),
    section("Curves", charts.node),
    section("The same image", pictures),
  );
  await curves(readable, charts, signal);
  try {
    fill(pictures, await samePictures(readable, signal));
  } catch (error) {
    if (!signal.aborted) fill(pictures, h("p", { class: "hint" }, error.message));
  }
}

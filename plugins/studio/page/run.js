import { Charts } from "./charts.js";
import { classColours } from "./colours.js";
import { getJson, getText, poll } from "./data.js";
import { badge, duration, fill, h, say, section, table } from "./dom.js";
import { Journal, rateNames, secondsLeft } from "./journal.js";
import { splitPlace } from "./maps.js";
import { imageRow, legend, spreadOver } from "./thumbnails.js";
import { TrainingCams } from "./training_cams.js";
import { drawTrainings } from "./training_charts.js";

/** Images whose newest CAMs are shown: the same at every look. */
const FIXED = 6;

/** Milliseconds between two looks at the log, and at the folder. */
const LOOK = 1000, LOOK_FOLDER = 4000;

function facts({ seed, manifest = {}, started }) {
  const { backend, device, precision, ranks, commit, seamstress } = manifest;
  return [
    seed !== undefined && `seed ${seed}`,
    backend &&
    `${backend} (${[device, precision, ranks && `${ranks} ranks`].filter(Boolean).join(", ")})`,
    started && `begun ${started.slice(0, 16).replace("T", " ")} UTC`,
    seamstress && `Seamstress ${seamstress}${commit ? ` at ${String(commit).slice(0, 8)}` : ""}`,
  ].filter(Boolean).join(" · ");
}

/** Numbers of trainings as charts. */
function drawCharts(charts, journal, run) {
  const stages = [...journal.stages].filter(([, { steps }]) => steps.length > 0);
  drawTrainings(
    charts,
    stages.map(([name, training], colour) => ({ name, colour, training })),
  );
  for (const [stage, { steps, rates }] of stages) {
    const { groups = [] } = run.stages?.find(({ id }) => id === stage) ?? {};
    const names = rateNames(groups, rates.length);
    charts.update(
      `learning rates of ${stage}`,
      "optimizer step",
      rates.map((ys, g) => ({ name: names[g], xs: steps, ys })),
    );
  }
  charts.update(
    "samples a second",
    "optimizer step",
    stages.map(([name, { steps, speed }], colour) => ({ name, colour, xs: steps, ys: speed })),
  );
  charts.update("memory of the process (MiB)", "seconds since the run began", [{
    name: "resident",
    xs: journal.memory.map(([time]) => time),
    ys: journal.memory.map(([, bytes]) => bytes / 2 ** 20),
  }]);
}

function progress(run, journal) {
  const { state, stages = [] } = run;
  const stage = journal.stages.get(journal.current);
  const step = stage?.steps.at(-1);
  const done = stages.filter((stage) => stage.state === "finished").length;
  const left = state === "live" && stage?.state === "begin" ? secondsLeft(stage) : undefined;
  const speed = stage?.speed.at(-1);
  const memory = journal.memory.at(-1)?.[1];
  const entries = [
    ["stages finished", `${done} of ${stages.length}`],
    state !== "finished" && journal.current !== undefined && ["stage", journal.current],
    step !== undefined && ["step", `${step} of ${stage.total}`],
    stage?.work && [stage.work.unit, `${stage.work.done} of ${stage.work.total}`],
    left !== undefined && ["left in this stage", duration(left)],
    speed !== undefined && ["samples a second", speed.toFixed(1)],
    memory !== undefined && ["memory", `${Math.round(memory / 2 ** 20)} MiB`],
  ].filter(Boolean);
  const [at, of] = stage?.work ? [stage.work.done, stage.work.total] : [step, stage?.total];
  const bar = at === undefined || state === "finished"
    ? undefined
    : h("progress", { max: of, value: at, "aria-label": "how far this stage is" });
  return [
    bar,
    h("dl", {}, entries.map(([term, text]) => h("div", {}, h("dt", {}, term), h("dd", {}, text)))),
  ];
}

function verdict({ state, fault }, { message }) {
  if (fault) return h("p", { role: "alert" }, `This run cannot be read: ${fault}`);
  if (state === "killed") {
    return h(
      "p",
      { class: "warning" },
      "No process works on this run, and its log does not end: it was killed. Continue it with --resume.",
    );
  }
  if (message && state !== "live" && state !== "finished") {
    return h("p", { class: "warning" }, message);
  }
}

function stageList({ stages = [] }, journal) {
  const rows = stages.map(({ id, run, state, kind, fault }) => [
    id,
    run,
    badge(state),
    kind ?? "",
    journal.stages.get(id)?.seconds === undefined ? "" : duration(journal.stages.get(id).seconds),
    fault ?? "",
  ]);
  const columns = ["stage", "plugin", "state", "left", "time", ""];
  return table("Stages in order", columns, rows, ["plugin", "state", "left"]);
}

function results({ stages = [] }) {
  return stages.flatMap(({ result }) => {
    if (!result) return [];
    const { title, columns, rows, note } = result.table;
    return [h("div", {}, table(title, columns, rows), h("p", { class: "hint" }, note))];
  });
}

/** The newest CAMs of the fixed images: of the last stage that stored some of them. */
async function newest(id, node, others, signal) {
  const splits = await getJson(`runs/${id}/splits.json`, signal);
  const own = ({ split, sources }) =>
    [...sources.keys()].filter((k) => sources[k].kind === "cams" && sources[k].split === split);
  const shown = splits.findLastIndex((one) => own(one).length > 0);
  if (shown < 0) {
    fill(node, !others && h("p", { class: "hint" }, "No stage has stored CAMs yet."));
    return;
  }
  const split = splits[shown], place = splitPlace(id, shown);
  const { images, classes } = await getJson(`${place}/images.json`, signal);
  const sources = own(split);
  const labelled = images.filter((image) => image.classes.length > 0);
  const rows = [];
  for (const { index } of spreadOver(labelled, FIXED)) {
    rows.push(await imageRow(place, index, split, { classes, sources }, signal));
  }
  fill(
    node,
    h("p", {}, h("a", { class: "button", href: `#/explore/${id}/${shown}` }, "Explore the images")),
    legend(classes, classColours(classes.length)),
    rows,
  );
}

/** A run, while it goes on and afterwards. */
export async function runPage({ main, trail, signal, parameters: [id] }) {
  const journal = new Journal(), charts = new Charts(signal);
  let run = await getJson(`runs/${id}/run.json`, signal);
  fill(trail, h("a", { href: "#/" }, "Runs"), h("span", { "aria-current": "page" }, run.name));
  const head = h("p", { class: "facts" }),
    state = h("span"),
    told = h("div"),
    now = h("div", { class: "now" });
  const stages = h("div"),
    scores = h("div", { class: "columns" }),
    trainingCams = h("div"),
    cams = h("div"),
    fault = h("p", { class: "warning", hidden: true });
  fill(
    main,
    h("h1", {}, run.title || run.name, " ", state),
    head,
    told,
    fault,
    now,
    section("Training", charts.node),
    section("Scores", scores),
    section(
      "Newest CAMs",
      trainingCams,
      cams,
      h("p", {}, h("a", { href: `#/photograph/${id}` }, "A photograph of your own")),
    ),
    section("Stages", stages),
    section(
      "How it was made",
      h(
        "details",
        {},
        h("summary", {}, "The recipe, with every default filled in"),
        h("pre", { tabindex: "0" }, run.recipeText ?? ""),
      ),
      h(
        "details",
        {},
        h("summary", {}, "Manifest: versions, device, data"),
        h("pre", { tabindex: "0" }, JSON.stringify(run.manifest, null, 2)),
      ),
    ),
  );
  const ofTrainings = new TrainingCams(id, trainingCams);
  let stateBefore = "", artifacts = "";
  const drawRun = () => {
    if (run.state !== stateBefore) {
      fill(state, badge(run.state));
      if (stateBefore) say(`The run is ${run.state} now`);
      stateBefore = run.state;
    }
    head.textContent = facts(run);
    fill(told, verdict(run, journal));
    fill(now, progress(run, journal));
    fill(stages, stageList(run, journal));
    const tables = results(run);
    fill(scores, tables.length > 0 ? tables : h("p", { class: "hint" }, "Nothing was scored yet."));
  };
  const readLog = async () => {
    const text = await getText(
      `runs/${id}/journal.jsonl?from=${journal.next}&mark=${journal.mark}`,
      signal,
    );
    if (!journal.add(text)) return;
    drawCharts(charts, journal, run);
    fill(now, progress(run, journal));
  };
  const readFolder = async () => {
    run = await getJson(`runs/${id}/run.json`, signal);
    drawRun();
    const left = JSON.stringify(run.stages?.map(({ state, kind }) => [state, kind]));
    // A stage at work stores more of them all the time.
    if (left === artifacts && run.state !== "live") return;
    artifacts = left;
    const draw = async () => newest(id, cams, await ofTrainings.look(signal), signal);
    await draw().catch((error) => {
      if (!signal.aborted) fill(cams, h("p", { class: "hint" }, error.message));
    });
  };
  const complain = (error) => {
    fault.hidden = false;
    fault.textContent = error.message;
  };
  drawRun();
  await readLog();
  const { still } = await getJson("runs.json", signal);
  const well = (work) => async () => {
    await work();
    fault.hidden = true;
    return still ? "done" : undefined;
  };
  poll(LOOK, signal, well(readLog), complain);
  poll(LOOK_FOLDER, signal, well(readFolder), complain);
}

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { StepEvent } from "../../../core/contracts/observer.ts";
import { statusLine } from "../../../plugins/observers/console/status_line.ts";
import type { Terminal } from "../../../plugins/observers/console/terminal.ts";
import { ConsoleView } from "../../../plugins/observers/console/view.ts";

/** A console that keeps what is written, with a clock that the test moves. */
function screen(options: { readonly live: boolean; readonly columns?: number }) {
  const state = { text: "", time: 0 };
  const terminal: Terminal = {
    live: options.live,
    color: false,
    columns: () => options.columns ?? 100,
    now: () => state.time,
    write: (text) => void (state.text += text),
  };
  return { state, view: new ConsoleView(terminal) };
}

function step(step: number): StepEvent {
  return {
    stage: "seam",
    step,
    totalSteps: 600,
    epoch: 1,
    losses: { loss: 1.5, classification: 1, er: 0.5 },
    rates: [0.01],
    samplesPerSecond: 24,
  };
}

/** What a reader sees: carriage returns and erasures applied. */
function shown(text: string): string[] {
  return text.split("\n").map((line) => line.split("\r\x1b[2K").at(-1)!);
}

Deno.test("the console rewrites one live line, at most ten times a second, with losses and time left", () => {
  const { state, view } = screen({ live: true });
  view.stage({ stage: "seam", plugin: "train", state: "begin" });
  for (let i = 1; i <= 100; i++) {
    view.step(step(i));
    state.time += 10;
  }
  assertEquals(state.text.includes("\n"), false);
  assertEquals(state.text.split("\r").length - 1, 10);
  const [line] = shown(state.text);
  assertStringIncludes(line!, "91/600 steps  15%  loss 1.50  24.0 samples/s  5.1s left");
  view.stage({ stage: "seam", plugin: "train", state: "finished", seconds: 61 });
  assertEquals(shown(state.text), ["✓ seam: train, 100 steps, 1m 01s", ""]);
});

Deno.test("the time left of a resumed stage comes from what this process did", () => {
  const { state, view } = screen({ live: true });
  const progress = (done: number) =>
    view.progress({ stage: "cams", done, total: 200, unit: "images" });
  progress(150);
  state.time += 1000;
  progress(160);
  assertStringIncludes(shown(state.text)[0]!, "160/200 images  80%  4.0s left");
});

Deno.test("the live line fits every width, and loses single losses first", () => {
  const status = {
    stage: "baseline",
    done: 312,
    total: 600,
    unit: "steps",
    rate: 52.4,
    losses: { loss: 0.213, classification: 0.11, er: 0.1 },
    left: 72,
  };
  for (let columns = 1; columns <= 140; columns++) {
    const line = statusLine(status, columns);
    assert([...line].length <= columns, `${columns}: ${line}`);
  }
  assertStringIncludes(statusLine(status, 140), "classification 0.110");
  assertEquals(statusLine(status, 80).includes("classification"), false);
  assertStringIncludes(statusLine(status, 80), "loss 0.213");
  assertStringIncludes(statusLine(status, 80), "1m 12s left");
});

Deno.test("without a terminal the console writes plain lines, every few seconds at most", () => {
  const { state, view } = screen({ live: false });
  view.stage({ stage: "seam", plugin: "train", state: "begin" });
  for (let i = 1; i <= 600; i++) {
    view.step(step(i));
    state.time += 100;
  }
  const lines = state.text.trimEnd().split("\n");
  assertEquals(lines[0], "seam: train begins");
  assertEquals(lines.length, 1 + 11);
  assertEquals(
    lines[1],
    "  seam   51/600 steps   8%  loss 1.50  classification 1.00  er 0.500  24.0 samples/s  55s left",
  );
  for (const mark of ["\r", "\x1b", "━"]) assert(!state.text.includes(mark));
});

Deno.test("the console shows a score with what it was measured on and how alpha was chosen", () => {
  const { state, view } = screen({ live: false });
  view.artifact({
    stage: "score",
    kind: "table",
    path: "stages/score/table.json",
    table: {
      title: "score: cam_rv of seam on val, 222 images",
      columns: ["class", "IoU (%)"],
      rows: [],
      summary: { miou: 48.812, images: 222 },
      note: "alpha 0.44, best on this split (oracle)",
    },
  });
  assertEquals(state.text.split("\n"), [
    "  score: cam_rv of seam on val, 222 images",
    "    miou 48.81  images 222",
    "    alpha 0.44, best on this split (oracle)",
    "",
  ]);
});

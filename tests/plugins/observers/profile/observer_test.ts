import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type {
  ChromeTrace,
  TraceEvent,
} from "../../../../plugins/observers/profile/chrome_trace.ts";
import type { StageProfile } from "../../../../plugins/observers/profile/format.ts";
import { ProfileObserver } from "../../../../plugins/observers/profile/observer.ts";
import type { ProfiledSteps } from "../../../../plugins/observers/profile/steps.ts";
import { backends, eachBackend } from "../../../backends.ts";
import { inFolder, trainToy } from "../../../core/trainer_toy.ts";

/** Microseconds that rounding may move the end of a slice by. */
const ROUNDING = 0.01;

const STAGE = { stage: "toy", plugin: "train" };

/** Trains the toy with some steps profiled. */
async function profile(
  backend: keyof typeof backends,
  folder: string,
  steps: ProfiledSteps,
  maxSteps: number,
) {
  const info = await backends[backend].prepare();
  const observer = new ProfileObserver({ folder: `${folder}/profile`, backend: info, steps });
  await observer.stage({ ...STAGE, state: "begin" });
  const step = () => observer.step();
  await trainToy({
    folder,
    backend: info,
    maxSteps,
    observer: { step, phase: (event) => observer.phase(event) },
  });
  await observer.stage({ ...STAGE, state: "finished", seconds: 1 });
  const read = (name: string) => Deno.readTextFile(`${folder}/profile/${name}`);
  return {
    text: await read("toy.md"),
    profile: JSON.parse(await read("toy.json")) as StageProfile,
    trace: JSON.parse(await read("toy.trace.json")) as ChromeTrace,
  };
}

/** The slices of a line, each with those that hold it, outermost first. Fails where two overlap and neither holds the other. */
function nested(events: readonly TraceEvent[], tid: number) {
  const slices = events.filter((event) => event.ph === "X" && event.tid === tid)
    .map(({ name, cat, ts, dur }) => ({ name, cat, begin: ts!, end: ts! + dur! }))
    .sort((a, b) => a.begin - b.begin || b.end - a.end);
  const open: typeof slices = [];
  return slices.map((slice) => {
    while (open.length > 0 && open.at(-1)!.end <= slice.begin + ROUNDING) open.pop();
    const around = open.at(-1);
    assert(
      !around || slice.end <= around.end + ROUNDING,
      `${slice.name} ends ${slice.end - (around?.end ?? 0)} µs after ${around?.name}`,
    );
    const within = open.map(({ name }) => name);
    open.push(slice);
    return { ...slice, within };
  });
}

eachBackend("training leaves a table and a trace whose slices nest", async (backend) => {
  await inFolder(async (folder) => {
    await backends[backend].prepare();
    const before = tf.memory();
    const { text, profile: found, trace } = await profile(backend, folder, { from: 2, to: 3 }, 5);
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    assertEquals(
      { numTensors, numDataBuffers, numBytes },
      {
        numTensors: before.numTensors,
        numDataBuffers: before.numDataBuffers,
        numBytes: before.numBytes,
      },
    );

    assertEquals(found.steps.map(({ name }) => name), ["step 2", "step 3"]);
    assertEquals([found.stage, found.backend], ["toy", backend]);
    assertGreater(found.peak.flops, 0);
    assertGreater(found.peak.bytes, 0);
    const product = found.table.rows.find(({ kernel }) => kernel === "BatchMatMul")!;
    assertGreater(product.flops, 0);
    assertMatch(text, /^# Kernels of toy\n/);
    assertMatch(text, /\| BatchMatMul \| \d+ \| [\d.]+ \| [\d.]+ % \|/);
    const shares = found.table.rows.reduce((sum, { share = 0 }) => sum + share, 0);
    const { milliseconds, outsideMilliseconds } = found.table;
    assert(Math.abs(shares + outsideMilliseconds! / milliseconds - 1) < 1e-6);

    const slices = nested(trace.traceEvents, 1);
    const places = new Set(slices.map(({ name, within }) => [...within, name].join(" > ")));
    for (
      const place of [
        "step 2",
        "step 2 > data",
        "step 2 > forward",
        "step 2 > forward > BatchMatMul",
        "step 2 > backward > BatchMatMul",
        "step 2 > optimizer",
        "step 3 > device",
      ]
    ) assert(places.has(place), `no ${place} among ${[...places].join(", ")}`);
    assert(!slices.some(({ name, within }) => within.length === 0 && !name.startsWith("step")));
    if (found.clock === "device") {
      const programs = new Set(
        nested(trace.traceEvents, 2).map(({ name, within }) => [...within, name].join(" > ")),
      );
      assert(programs.has("step 2 > forward > BatchMatMul"), [...programs].join(", "));
    }
  });
});

Deno.test("a step that the stage did not finish is left out", async () => {
  await inFolder(async (folder) => {
    const { profile: found, trace } = await profile("wasm", folder, { from: 1, to: 9 }, 3);
    assertEquals(found.steps.map(({ name }) => name), ["step 1", "step 2", "step 3"]);
    const last = trace.traceEvents.filter(({ cat }) => cat === "step").at(-1)!;
    const end = last.ts! + last.dur!;
    assert(trace.traceEvents.every(({ ts = 0, dur = 0 }) => ts + dur <= end + ROUNDING));
  });
});

Deno.test("a stage without the steps asked for, and one that fails, leave no files", async () => {
  await inFolder(async (folder) => {
    const info = await backends.wasm.prepare();
    const kernel = tf.getKernel("Add", "wasm").kernelFunc;
    const steps = { from: 2, to: 6 };
    const observer = new ProfileObserver({ folder: `${folder}/profile`, backend: info, steps });
    await observer.stage({ ...STAGE, state: "begin" });
    await observer.progress({ stage: "toy", done: 0, total: 2, unit: "images" });
    await observer.progress({ stage: "toy", done: 1, total: 2, unit: "images" });
    assert(tf.getKernel("Add", "wasm").kernelFunc !== kernel);
    await observer.stage({ ...STAGE, state: "finished", seconds: 1 });
    assert(tf.getKernel("Add", "wasm").kernelFunc === kernel);

    await observer.stage({ ...STAGE, state: "begin" });
    await observer.step();
    observer.error();
    assert(tf.getKernel("Add", "wasm").kernelFunc === kernel);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

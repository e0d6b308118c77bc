import { assert, assertEquals } from "@std/assert";
import type { Observer } from "../../../core/contracts/observer.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { jsonlObserver } from "../../../plugins/observers/jsonl.ts";
import { quietBackend } from "../../core/trainer_toy.ts";

const registry = new Registry([jsonlObserver]);

function open(folder: string, resumed: boolean): Promise<Observer> {
  return registry.create("observer", { use: "jsonl" }, {
    folder,
    resumed,
    backend: quietBackend,
  });
}

async function train(observer: Observer, from: number, to: number): Promise<void> {
  for (let step = from; step <= to; step++) {
    const losses = { loss: 1 / step };
    const rest = { totalSteps: 9, epoch: 1, rates: [0.1], samplesPerSecond: 1 };
    await observer.step?.({ stage: "seam", step, losses, ...rest });
  }
}

async function lines(folder: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("metrics.jsonl holds every event, and a resumed run takes back what came after its checkpoint", async () => {
  const folder = await Deno.makeTempDir();
  const first = await open(folder, false);
  await first.stage?.({ stage: "seam", plugin: "train", state: "begin" });
  await train(first, 1, 5);
  await first.error?.({ error: new Error("killed") });

  const second = await open(folder, true);
  await second.stage?.({ stage: "seam", plugin: "train", state: "begin" });
  await train(second, 4, 9);
  await second.epoch?.({ stage: "seam", epoch: 1, epochs: 1, losses: { loss: 0.3 } });
  await second.end?.({ seconds: 2 });

  const all = await lines(folder);
  assertEquals(
    all.map(({ event, step }) => step ?? event),
    ["stage", 1, 2, 3, "error", "stage", 4, 5, 6, 7, 8, 9, "epoch", "end"],
  );
  assertEquals(all[4]!["message"], "killed");
  const { time, ...last } = all[11]!;
  assertEquals(typeof time, "string");
  assertEquals(last, {
    event: "step",
    stage: "seam",
    step: 9,
    losses: { loss: 1 / 9 },
    totalSteps: 9,
    epoch: 1,
    rates: [0.1],
    samplesPerSecond: 1,
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("images done and memory are logged every five seconds at most", async () => {
  const folder = await Deno.makeTempDir();
  const now = performance.now;
  let seconds = 0;
  performance.now = () => 1000 * seconds;
  try {
    const observer = await open(folder, false);
    await train(observer, 1, 1);
    for (seconds = 1; seconds <= 12; seconds++) {
      await observer.progress?.({ stage: "cams", done: seconds, total: 12, unit: "images" });
    }
    seconds = 20;
    await train(observer, 2, 3);
    await observer.end?.({ seconds: 2 });
    const all = await lines(folder);
    assertEquals(
      all.map(({ event, done, step }) => [event, done ?? step]),
      [
        ["step", 1],
        ["progress", 5],
        ["memory", undefined],
        ["progress", 10],
        ["memory", undefined],
        ["step", 2],
        ["memory", 2],
        ["step", 3],
        ["end", undefined],
      ],
    );
    assert((all[2]!["bytes"] as number) > 2 ** 20);
  } finally {
    performance.now = now;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a run that begins anew in a changed stage replaces that stage's steps only", async () => {
  const folder = await Deno.makeTempDir();
  const first = await open(folder, false);
  const other = { step: 1, totalSteps: 1, epoch: 1, losses: {}, rates: [], samplesPerSecond: 1 };
  await first.step?.({ stage: "baseline", ...other });
  await train(first, 1, 3);
  await first.end?.({ seconds: 1 });
  const second = await open(folder, true);
  await train(second, 1, 1);
  await second.end?.({ seconds: 1 });
  const steps = (await lines(folder)).filter(({ event }) => event === "step");
  assertEquals(steps.map(({ stage, step }) => [stage, step]), [["baseline", 1], ["seam", 1]]);
  await Deno.remove(folder, { recursive: true });
});

import { assert, assertEquals } from "@std/assert";
import { readJournal } from "../../../plugins/studio/journal.ts";
import { Journal, rateNames, secondsLeft, thin } from "../../../plugins/studio/page/journal.js";
import { poll } from "../../../plugins/studio/page/data.js";
import { differences, withoutSeed } from "../../../plugins/studio/page/options.js";
import { inTempFolder } from "../../command.ts";
import {
  groupNames,
  rateNames as namesForTensorBoard,
} from "../../../plugins/wsss/optimizers/group_names.ts";

const step = (stage: string, step: number, loss: number) =>
  JSON.stringify({
    event: "step",
    time: new Date(1000 * (100 + 2 * step)).toISOString(),
    stage,
    step,
    totalSteps: 10,
    losses: step > 2 ? { loss, er: 1 } : { loss },
    rates: [0.1 / step],
    samplesPerSecond: 8,
  }) + "\n";

/** What a page does at each look. */
function look(folder: string, journal: Journal): string {
  const { text, ...part } = readJournal(folder, journal.next, journal.mark);
  journal.add(`${JSON.stringify(part)}\n${text}`);
  return text;
}

Deno.test("a page follows a log that grows, is cut in a line, and is rewound", async () => {
  await inTempFolder(async (folder) => {
    const path = `${folder}/metrics.jsonl`;
    const journal = new Journal();
    assertEquals(look(folder, journal), "");
    await Deno.writeTextFile(path, step("seam", 1, 5) + step("seam", 2, 4).slice(0, 30));
    look(folder, journal);
    const seam = () => journal.stages.get("seam");
    assertEquals(seam().steps, [1]);
    await Deno.writeTextFile(path, step("seam", 1, 5) + step("seam", 2, 4) + step("seam", 3, 3));
    assertEquals(look(folder, journal).split("\n").length - 1, 2);
    assertEquals(seam().steps, [1, 2, 3]);
    assertEquals(seam().losses.get("er"), [null, null, 1]);
    assertEquals(secondsLeft(seam()), 14);
    assertEquals(look(folder, journal), "");
    // A resumed run takes back what came after its checkpoint and goes on: longer than before, and another text.
    const again = [1, 2, 3, 4].map((n) => step("seam", n, 9)).join("");
    await Deno.writeTextFile(path, again);
    look(folder, journal);
    assertEquals([seam().steps, seam().losses.get("loss")], [[1, 2, 3, 4], [9, 9, 9, 9]]);
  });
});

Deno.test("images done tell the time left; memory is told from the run's begin", () => {
  const journal = new Journal();
  const at = (seconds: number, event: object) =>
    JSON.stringify({ time: new Date(1000 * seconds).toISOString(), ...event });
  const images = { event: "progress", stage: "cams", total: 100, unit: "images" };
  journal.add([
    JSON.stringify({ whole: true, next: 1, mark: "" }),
    at(0, { event: "start" }),
    at(1, { event: "stage", stage: "cams", state: "begin" }),
    at(2, { ...images, done: 10 }),
    at(12, { ...images, done: 30 }),
    at(12, { event: "memory", stage: "cams", bytes: 2 ** 20 }),
  ].join("\n"));
  assertEquals(secondsLeft(journal.stages.get("cams")), 35);
  assertEquals(journal.memory, [[12, 2 ** 20]]);
});

Deno.test("learning rates have the names of their groups", () => {
  const groups = [{ match: ["fc8.*", "x"] }, { pretrained: true, role: "bias" }, { name: "new" }];
  const named = (optimizer: unknown, count: number) => {
    const names = rateNames([...groupNames(optimizer)], count);
    // The page's names are those of TensorBoard.
    assertEquals(names, [...namesForTensorBoard(groupNames(optimizer), count)]);
    return names;
  };
  assertEquals(named({ groups }, 4), ["fc8.* x", "biases, pretrained", "new", "all others"]);
  assertEquals(named({ groups }, 3), ["fc8.* x", "biases, pretrained", "new"]);
  assertEquals(named({ groups }, 2), ["group 1", "group 2"]);
  assertEquals(named(undefined, 1), ["all"]);
});

Deno.test("a long curve is averaged to what can be seen; gaps stay gaps", () => {
  const xs = Array.from({ length: 1000 }, (_, i) => i);
  const [x, y] = thin(xs, xs.map((v) => v < 500 ? null : 2), 10);
  assertEquals([x.length, x[0]], [10, 49.5]);
  assertEquals(y, [null, null, null, null, null, 2, 2, 2, 2, 2]);
});

Deno.test("options that differ are found by their path, and seeds alone make no difference", () => {
  const recipe = (seed: number, lr: number, weight: number) => ({
    name: "x",
    seed,
    stages: [{ id: "seam", run: "train", optimizer: { lr }, losses: [{ use: "er", weight }] }],
  });
  assertEquals(differences([recipe(0, 1, 1), recipe(0, 2, 3)]), [
    { path: "seam.optimizer.lr", values: ["1", "2"] },
    { path: "seam.losses.er.weight", values: ["1", "3"] },
  ]);
  const more = { ...recipe(0, 1, 1) };
  more.stages = [...more.stages, { ...more.stages[0]!, id: "cams", run: "infer" }];
  assertEquals(differences([recipe(0, 1, 1), more]), [
    { path: "stage cams", values: [undefined, "infer"] },
  ]);
  assertEquals(withoutSeed(recipe(0, 1, 1)), withoutSeed(recipe(7, 1, 1)));
  assert(withoutSeed(recipe(0, 1, 1)) !== withoutSeed(recipe(0, 2, 1)));
});

Deno.test("a page that looks for long rests for longer: a tenth of the time at most is spent on looking", async () => {
  const times: number[] = [];
  const look = async () => {
    times.push(performance.now());
    if (times.length === 3) return "done";
    await new Promise((resolve) => setTimeout(resolve, times.length === 1 ? 40 : 0));
    return undefined;
  };
  await poll(20, new AbortController().signal, look, (error: Error) => {
    throw error;
  });
  const [first, second, third] = times as [number, number, number];
  assert(second - first >= 395, `after a look of 40 ms the next came ${second - first} ms later`);
  assert(third - second >= 19);
});

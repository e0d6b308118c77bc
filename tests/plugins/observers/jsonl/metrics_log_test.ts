import { assertEquals } from "@std/assert";
import { MetricsLog } from "../../../../plugins/observers/jsonl/metrics_log.ts";

async function withLog(
  before: string,
  use: (log: MetricsLog) => Promise<void>,
): Promise<unknown[]> {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(path, before);
    {
      await using log = await MetricsLog.open(path);
      await use(log);
    }
    const lines = (await Deno.readTextFile(path)).split("\n");
    assertEquals(lines.pop(), "");
    return lines.map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(path);
  }
}

const killed = [
  { stage: "baseline", step: 1 },
  { stage: "baseline", step: 2 },
  { stage: "seam", plugin: "train", state: "begin" },
  { stage: "seam", step: 1 },
  { stage: "seam", step: 2 },
  { stage: "seam", epoch: 1 },
  { stage: "seam", step: 3 },
  { stage: "seam", step: 4 },
  { stage: "seam", epoch: 2 },
];

function text(records: readonly unknown[]): string {
  return records.map((record) => JSON.stringify(record) + "\n").join("");
}

Deno.test("MetricsLog appends to what is there", async () => {
  const lines = await withLog(text(killed.slice(0, 1)), (log) => log.append({ step: 2 }));
  assertEquals(lines, [killed[0], { step: 2 }]);
});

Deno.test("MetricsLog drops a last line that was written in part", async () => {
  const lines = await withLog(
    text(killed.slice(0, 2)) + '{"stage":"ba',
    (log) => log.append({ step: 3 }),
  );
  assertEquals(lines, [killed[0], killed[1], { step: 3 }]);
});

Deno.test("MetricsLog.rewind() takes back a stage's steps and epochs after the checkpoint", async () => {
  const begin = { stage: "seam", plugin: "train", state: "begin" };
  const lines = await withLog(text(killed), async (log) => {
    await log.append(begin);
    await log.rewind("seam", 2);
    await log.append({ stage: "seam", step: 3, again: true });
  });
  assertEquals(lines, [...killed.slice(0, 6), begin, { stage: "seam", step: 3, again: true }]);
});

Deno.test("MetricsLog.rewind() takes back an epoch that ended after the checkpoint", async () => {
  const lines = await withLog(text(killed), (log) => log.rewind("seam", 1));
  assertEquals(lines, killed.slice(0, 4));
});

Deno.test("MetricsLog.rewind() changes nothing where nothing is late", async () => {
  assertEquals(await withLog(text(killed), (log) => log.rewind("seam", 4)), killed);
  assertEquals(await withLog(text(killed), (log) => log.rewind("other", 0)), killed);
});

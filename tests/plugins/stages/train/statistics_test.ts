import { assertEquals, assertThrows } from "@std/assert";
import {
  checkStatistics,
  type Parts,
  statisticsOf,
  trainsNorms,
} from "../../../../plugins/stages/train/statistics.ts";

function parts(change: Partial<Parts>): Parts {
  return { backbone: {}, head: {}, method: {}, losses: [], ...change };
}
const loss = { name: "ppc", loss: { statistics: "batch" as const } };

for (
  const [what, change, batch, message] of [
    [
      "a method over the whole batch with smaller micro-batches",
      { method: { statistics: "batch" } },
      { size: 8, micro: 2 },
      "batch.micro is 2, but the method computes over the whole batch of 8 at once; set batch.micro to 8",
    ],
    [
      "a loss over the whole batch with smaller micro-batches",
      { losses: [loss] },
      { size: 8, micro: 4 },
      "batch.micro is 4, but loss ppc computes over the whole batch of 8 at once; set batch.micro to 8",
    ],
    [
      "a loss and a batch norm that need different numbers of samples",
      { head: { statistics: 2 }, losses: [loss] },
      { size: 8, micro: 2 },
      "head.statistics is 2 and loss ppc asks for batch, but both see the same micro-batches",
    ],
    [
      "running statistics where only a loss needs the batch",
      { losses: [loss] },
      { size: 8, runningStatistics: "first" },
      "batch.runningStatistics is first, but no batch norm of backbone or head trains",
    ],
  ] as const
) {
  Deno.test(`planning refuses ${what}`, () => {
    assertThrows(() => checkStatistics("cam", parts(change), batch), RangeError, message);
  });
}

Deno.test("a loss over the whole batch fixes the micro-batch and moves no running statistics", () => {
  const all = parts({ losses: [loss] });
  checkStatistics("cam", all, { size: 8 });
  assertEquals([statisticsOf(all, 8), trainsNorms(all)], [8, false]);
});

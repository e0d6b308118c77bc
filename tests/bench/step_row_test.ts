import { assertEquals, assertThrows } from "@std/assert";
import { type MeasuredSide, stepRow } from "../../bench/step/row.ts";

const size = { width: 4, crop: 64, batch: 2, micro: 2 };
const made = { what: "a step", measured: "processor time", madeWith: {} } as const;

function side(name: string, loss: number, other: Partial<MeasuredSide> = {}): MeasuredSide {
  const losses = [[loss, 1, 1, 1], [loss, 1, 1, 1]];
  const cost = { seconds: 9, cpuSeconds: 4, peakBytes: 100 };
  return { name, arithmetic: "float32", losses, ...cost, ...other };
}

Deno.test("a step's row compares every side with the first, by what was measured", () => {
  const row = stepRow([side("ours", 0.7), side("stock", 0.7, { cpuSeconds: 8 })], size, made);
  assertEquals(row.ratio, { stock: 2 });
  assertEquals(row.sides["ours"]?.imagesPerSecond, 0.5);
  assertEquals(row.largestDifference, { stock: 0 });
  const clock = { ...made, measured: "time by the clock" } as const;
  assertEquals(stepRow([side("ours", 0.7), side("stock", 0.7)], size, clock).ratio, { stock: 1 });
});

Deno.test("a step is not reported where a side's losses differ by more than its arithmetic explains", () => {
  const ours = side("ours", 0.7), f16 = { arithmetic: "f16" } as const;
  assertThrows(() => stepRow([ours, side("stock", 0.701)], size, made), RangeError, "stock");
  assertThrows(() => stepRow([ours, side("f16", 0.73, f16)], size, made), RangeError, "f16");
  const row = stepRow([ours, side("f16", 0.701, f16)], size, made);
  assertEquals(Object.keys(row.sides), ["ours", "f16"]);
});

import { assertEquals, assertThrows } from "@std/assert";
import type { MeasuredImplementation } from "../../bench/step/row.ts";
import { stepRow } from "../../bench/step/row.ts";

const size = { width: 4, crop: 64, batch: 2, micro: 2 };
const made = { what: "a step", measured: "processor time", madeWith: {} } as const;

function implementation(
  name: string,
  loss: number,
  other: Partial<MeasuredImplementation> = {},
): MeasuredImplementation {
  const losses = [[loss, 1, 1, 1], [loss, 1, 1, 1]];
  const cost = { seconds: 9, cpuSeconds: 4, peakBytes: 100 };
  return { name, arithmetic: "float32", losses, ...cost, ...other };
}

Deno.test("a step's row compares every implementation with the first, by what was measured", () => {
  const row = stepRow(
    [implementation("ours", 0.7), implementation("tfjs", 0.7, { cpuSeconds: 8 })],
    size,
    made,
  );
  assertEquals(row.ratio, { tfjs: 2 });
  assertEquals(row.implementations["ours"]?.imagesPerSecond, 0.5);
  assertEquals(row.largestDifference, { tfjs: 0 });
  const clock = { ...made, measured: "wall time" } as const;
  assertEquals(
    stepRow([implementation("ours", 0.7), implementation("tfjs", 0.7)], size, clock).ratio,
    { tfjs: 1 },
  );
});

Deno.test("a step is not reported where an implementation's losses differ by more than its arithmetic explains", () => {
  const ours = implementation("ours", 0.7), f16 = { arithmetic: "f16" } as const;
  assertThrows(
    () => stepRow([ours, implementation("tfjs", 0.701)], size, made),
    RangeError,
    "tfjs",
  );
  assertThrows(
    () => stepRow([ours, implementation("f16", 0.73, f16)], size, made),
    RangeError,
    "f16",
  );
  const row = stepRow([ours, implementation("f16", 0.701, f16)], size, made);
  assertEquals(Object.keys(row.implementations), ["ours", "f16"]);
});

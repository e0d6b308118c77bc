import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { constantSchedule } from "../../../plugins/schedules/constant.ts";
import { cosineSchedule } from "../../../plugins/schedules/cosine.ts";
import { polySchedule } from "../../../plugins/schedules/poly.ts";
import { rampSchedule } from "../../../plugins/schedules/ramp.ts";
import { warmupSchedule } from "../../../plugins/schedules/warmup.ts";

const registry = new Registry([
  constantSchedule,
  cosineSchedule,
  polySchedule,
  rampSchedule,
  warmupSchedule,
]);

async function factors(
  use: Use<"schedule">,
  totalSteps: number,
  steps: readonly number[],
): Promise<number[]> {
  const schedule = await registry.create("schedule", use, undefined);
  return steps.map((step) => schedule.factor(step, totalSteps));
}

Deno.test("constant is 1", async () => {
  assertEquals(await factors({ use: "constant" }, 10, [0, 9, 100]), [1, 1, 1]);
});

Deno.test("poly is (1 - step / total) ^ power and 0 after the end", async () => {
  const found = await factors({ use: "poly" }, 4, [0, 1, 3, 4, 5]);
  const wanted = [1, 0.75 ** 0.9, 0.25 ** 0.9, 0, 0];
  found.forEach((factor, i) => assertAlmostEquals(factor, wanted[i]!, 1e-15));
  assertEquals(await factors({ use: "poly", power: 1 }, 4, [1, 2]), [0.75, 0.5]);
  assertEquals(await factors({ use: "poly", power: 1, steps: 5 }, 4, [1, 4, 5]), [
    0.8,
    1 - 4 / 5,
    0,
  ]);
});

Deno.test("cosine falls from 1 to the floor, and stays there", async () => {
  const near = (found: readonly number[], wanted: readonly number[]) =>
    found.forEach((factor, i) => assertAlmostEquals(factor, wanted[i]!, 1e-15));
  near(await factors({ use: "cosine" }, 4, [0, 1, 2, 4, 5]), [
    1,
    0.5 + Math.SQRT1_2 / 2,
    0.5,
    0,
    0,
  ]);
  near(await factors({ use: "cosine", floor: 0.1 }, 4, [0, 2, 4, 9]), [1, 0.55, 0.1, 0.1]);
  near(await factors({ use: "cosine", steps: 8 }, 4, [4]), [0.5]);
  const use = { use: "warmup", steps: 2, then: { use: "cosine" } };
  near(await factors(use, 4, [0, 1, 2]), [0.5, 1, 0.5]);
});

Deno.test("warmup ramps up to 1, then gives the inner schedule at the global step", async () => {
  const use = { use: "warmup", steps: 4, then: { use: "poly", power: 1 } };
  assertEquals(await factors(use, 10, [0, 1, 3, 4, 9]), [0.25, 0.5, 1, 0.6, 1 - 9 / 10]);
  assertEquals(await factors({ use: "warmup", steps: 1 }, 10, [0, 1, 5]), [1, 1, 1]);
});

Deno.test("ramp rises from 0 over its part of the training, then stays at 1", async () => {
  assertEquals(await factors({ use: "ramp" }, 10, [0, 1, 4, 5, 9]), [0, 0.2, 0.8, 1, 1]);
  assertEquals(await factors({ use: "ramp", part: 1 }, 4, [0, 1, 3]), [0, 0.25, 0.75]);
  await assertRejects(() => factors({ use: "ramp", part: 0 }, 4, [0]), Error, "part");
});

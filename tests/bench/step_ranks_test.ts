import { assertEquals } from "@std/assert";
import { makeProblem } from "../../bench/step/problem.ts";
import { ranksOf, shareProblem } from "../../bench/step/ranks.ts";
import { backends } from "../backends.ts";

const SIZE = { width: 4, crop: 64, batch: 2, micro: 1 };

Deno.test("threads that share a benchmark's step take the step that one thread takes", async () => {
  const info = await backends.wasm.prepare();
  const problem = await makeProblem(SIZE);
  const steps = async (one: typeof problem) => {
    await one.reset();
    return [await one.step(0), await one.step(1)];
  };
  const alone = await steps(problem);
  await using shared = await shareProblem(problem, SIZE, info, 2);
  assertEquals(await steps(shared), alone);
  // From the start again, as every round of a measurement.
  assertEquals(await steps(shared), alone);
});

Deno.test("as many threads share a step as can have equal parts of its tree", () => {
  const ranks = (batch: number, micro: number, cores: number) =>
    ranksOf({ width: 8, crop: 96, batch, micro }, cores);
  assertEquals([ranks(8, 8, 2), ranks(8, 1, 4), ranks(8, 2, 16)], [2, 4, 8]);
  assertEquals([ranks(6, 6, 4), ranks(6, 1, 2), ranks(1, 1, 8), ranks(7, 7, 2)], [3, 1, 1, 1]);
});

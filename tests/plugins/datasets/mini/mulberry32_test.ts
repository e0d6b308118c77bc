import { assert, assertEquals } from "@std/assert";
import { mulberry32 } from "../../../../plugins/datasets/mini/mulberry32.ts";

Deno.test("mulberry32() gives the published sequence of its seed", () => {
  // Computed with 32-bit unsigned arithmetic in Python.
  const random = mulberry32(12345);
  assertEquals(Array.from({ length: 4 }, () => Math.round(random() * 2 ** 32)), [
    4207900869,
    1317490944,
    2079646450,
    3513001552,
  ]);
  const wrapped = mulberry32(12345 + 2 ** 32);
  assertEquals(Math.round(wrapped() * 2 ** 32), 4207900869);
});

Deno.test("mulberry32() is uniform in [0, 1)", () => {
  const random = mulberry32(7);
  const values = Array.from({ length: 20000 }, random);
  assert(values.every((value) => value >= 0 && value < 1));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

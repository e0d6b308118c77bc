import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { mulberry32 } from "../../../../plugins/datasets/mini/mulberry32.ts";
import { valueNoise } from "../../../../plugins/datasets/mini/value_noise.ts";

Deno.test("valueNoise() passes through the lattice's numbers", () => {
  const random = mulberry32(1);
  const lattice = Array.from({ length: 9 }, () => random() - 0.5);
  const noise = valueNoise(8, 4, mulberry32(1));
  for (const [node, at] of [[0, 0], [1, 4], [3, 32], [4, 36]] as const) {
    assertAlmostEquals(noise[at]!, lattice[node]!, 1e-7);
  }
  // Half-way the smooth step is a half.
  assertAlmostEquals(noise[2]!, (lattice[0]! + lattice[1]!) / 2, 1e-7);
  assertAlmostEquals(noise[18]!, (lattice[0]! + lattice[1]! + lattice[3]! + lattice[4]!) / 4, 1e-7);
});

Deno.test("valueNoise() stays within half a unit and changes slowly, at cells that do not divide the side", () => {
  for (const [side, cell] of [[64, 12], [33, 6.1875], [7, 3], [1, 12]] as const) {
    const noise = valueNoise(side, cell, mulberry32(side));
    assertEquals(noise.length, side * side);
    assert(noise.every((value) => Math.abs(value) <= 0.5));
    for (let i = 1; i < side; i++) {
      assert(Math.abs(noise[i]! - noise[i - 1]!) <= 1.6 / cell);
    }
  }
});

import { assert, assertEquals } from "@std/assert";
import { pairTransition, pixelPairs, walkSteps } from "../../../../plugins/wsss/mod.ts";
import { randomArray } from "../../ops/random.ts";

/** T of a map, as a dense matrix and as it is stored. */
function transitionOf(height: number, width: number, radius: number) {
  const size = height * width;
  const { from, to } = pixelPairs(height, width, radius);
  const values = randomArray("likeness", [to.length]).data.map((value) => Math.abs(value));
  const stored = pairTransition(size, {
    from: to.map((_, pair) => from[pair % from.length]!),
    to,
    values: Float64Array.from(values),
  });
  const dense = Array.from({ length: size }, () => new Float64Array(size));
  for (let column = 0; column < size; column++) {
    for (let entry = stored.starts[column]!; entry < stored.starts[column + 1]!; entry++) {
      dense[stored.rows[entry]!]![column] = stored.values[entry]!;
    }
  }
  return { stored, dense, size };
}

for (
  const [height, width, radius] of [[6, 10, 5], [3, 5, 2], [1, 4, 1], [30, 30, 5]] as const
) {
  Deno.test(`walkSteps() multiplies any number of rows by T^steps, on a ${width}x${height} map`, () => {
    const { stored, dense, size } = transitionOf(height, width, radius);
    for (const rows of [1, 2, 3, 5]) {
      const scores = Float64Array.from(randomArray(`scores ${rows}`, [rows, size]).data);
      if (rows > 2) scores.fill(0, size, 2 * size);
      for (const steps of [0, 1, 4]) {
        const walked = walkSteps(stored, scores, steps);
        for (let row = 0; row < rows; row++) {
          let want = scores.slice(row * size, (row + 1) * size);
          for (let step = 0; step < steps; step++) {
            want = want.map((_, column) =>
              want.reduce((sum, s, i) => sum + s * dense[i]![column]!, 0)
            );
          }
          const found = walked.subarray(row * size, (row + 1) * size);
          assert(found.every((value, i) => Math.abs(value - want[i]!) < 1e-12), `row ${row}`);
        }
      }
    }
    assertEquals(walkSteps(stored, new Float64Array(2 * size), 3), new Float64Array(2 * size));
  });
}

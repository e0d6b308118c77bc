import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../../core/rng.ts";
import {
  affinityOfPixel,
  walkFromPixel,
} from "../../../../plugins/affinitynet/random_walk/pixel.ts";
import { randomWalk } from "../../../../plugins/affinitynet/random_walk/walk.ts";
import { fittingRadius, pairOffsets, pixelPairs } from "../../../../plugins/wsss/pairs/pairs.ts";

const width = 9, height = 7;
const radius = fittingRadius(height, width);
const { to } = pixelPairs(height, width, radius);
const rng = Rng.of(1);
const affinity = { width, height, data: Float32Array.from(to, () => rng.float()) };

Deno.test("a pixel's affinities are those of its pairs, the same both ways, within the radius", () => {
  const rows = Array.from({ length: 63 }, (_, pixel) => affinityOfPixel(affinity, pixel));
  const offsets = pairOffsets(radius);
  let found = 0;
  rows.forEach((row, a) =>
    row.forEach((value, b) => {
      assertEquals(value, rows[b]![a]);
      if (a === b) assertEquals(value, 1);
      else if (value > 0) {
        found++;
        const [from, second] = a < b ? [a, b] : [b, a];
        const dy = Math.floor(second / width) - Math.floor(from / width);
        const dx = second % width - from % width;
        assertEquals(offsets.some(([y, x]) => y === dy && x === dx), true);
      }
    })
  );
  assertEquals(found, 2 * to.length);
});

Deno.test("a walk from a pixel is the random walk of a score that is there alone", () => {
  const options = { beta: 4, logt: 3 }, pixel = 2 * width + 5;
  const data = new Float32Array(width * height);
  data[pixel] = 1;
  const { data: wanted } = randomWalk({ channels: 1, width, height, data }, affinity, {
    ...options,
    stride: 1,
  });
  const found = walkFromPixel(affinity, pixel, options);
  wanted.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-6));
  assertThrows(() => walkFromPixel(affinity, 63, options), RangeError, "its pixels are 0 to 62");
});

import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { boundaryAffinity } from "../../../plugins/irn/boundary/boundary_affinity.ts";
import { type Boundaries, walkMaps } from "../../../plugins/irn/boundary/boundary_walk.ts";
import {
  boundaryAffinityOfPixel,
  boundaryWalkFromPixel,
} from "../../../plugins/irn/boundary/pixel.ts";
import { pairPaths } from "../../../plugins/irn/boundary/paths.ts";

const HEIGHT = 7, WIDTH = 9;
const BOUNDARIES: Boundaries = {
  height: HEIGHT,
  width: WIDTH,
  data: Float32Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i * 37 % 23) / 30),
};

Deno.test("a pixel's row of affinities is what the loss learns from, whichever of a pair the pixel is", async () => {
  await tf.setBackend("cpu");
  for (const radius of [2, 4]) {
    const all = tf.tidy(() =>
      boundaryAffinity(tf.tensor4d(BOUNDARIES.data, [1, HEIGHT, WIDTH, 1]), radius).dataSync()
    );
    const paths = pairPaths(radius);
    // First pixels: those whose pairs are all within the map.
    const margin = radius - 1, columns = WIDTH - 2 * margin, rows = HEIGHT - margin;
    assertEquals(all.length, rows * columns * paths.length);
    let compared = 0;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const first = y * WIDTH + x + margin;
        const row = boundaryAffinityOfPixel(BOUNDARIES, first, radius);
        for (const [p, { offset: [dy, dx] }] of paths.entries()) {
          const second = first + dy * WIDTH + dx;
          const value = all[(y * columns + x) * paths.length + p]!;
          assertAlmostEquals(row[second]!, value, 1e-6);
          const back = boundaryAffinityOfPixel(BOUNDARIES, second, radius);
          assertAlmostEquals(back[first]!, value, 1e-6);
          compared++;
        }
        assertEquals(row[first], 1);
      }
    }
    assertEquals(compared, all.length);
  }
});

Deno.test("walks from all pixels, by their scores, are the walk of the scores", () => {
  const options = { beta: 3, logt: 3, radius: 3 };
  const scores = Float64Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i * 17 % 11) / 11);
  const sum = new Float64Array(scores.length);
  for (const [pixel, score] of scores.entries()) {
    boundaryWalkFromPixel(BOUNDARIES, pixel, options).forEach((value, i) =>
      sum[i]! += score * value
    );
  }
  const walked = walkMaps(scores, BOUNDARIES, options);
  walked.forEach((value, i) => assertAlmostEquals(sum[i]!, value, 1e-5));
});

Deno.test("a pixel outside of the map is refused", () => {
  const options = { beta: 1, logt: 1, radius: 2 };
  for (const pixel of [-1, HEIGHT * WIDTH, 0.5]) {
    assertThrows(() => boundaryAffinityOfPixel(BOUNDARIES, pixel, 2), RangeError, "9x7");
    assertThrows(() => boundaryWalkFromPixel(BOUNDARIES, pixel, options), RangeError, "9x7");
  }
});

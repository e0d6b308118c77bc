import { assert } from "@std/assert";
import { buildLattice } from "../../refinement/crf/build_lattice.ts";
import { denseKernel, filtered } from "../../ops/gaussian_filter/brute_force.ts";
import { latticeFilter } from "../../refinement/crf/lattice_filter.ts";

const WIDTH = 48, HEIGHT = 36, PIXELS = WIDTH * HEIGHT;

/** Position and colour in standard deviations, of a picture of smooth colours, an edge and some noise. */
function points(): Float32Array {
  const all = new Float32Array(5 * PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const x = pixel % WIDTH, y = Math.floor(pixel / WIDTH);
    const noise = Math.sin(12.9898 * x + 78.233 * y) * 43758.5453;
    const level = (c: number) =>
      110 + 50 * Math.sin(x / 9 + c) + 30 * Math.cos(y / 7 - c) + (x + y > 45 ? 25 : 0) +
      8 * (noise - Math.floor(noise));
    all.set([x / 25, y / 25, level(0) / 15, level(1) / 15, level(2) / 15], 5 * pixel);
  }
  return all;
}

Deno.test("the authors' lattice gives about 0.6 of the Gaussian filter, and is else 10 % off at most", () => {
  const at = points(), kernel = denseKernel(at, 5);
  const blob = Float64Array.from({ length: PIXELS }, (_, pixel) => {
    const x = pixel % WIDTH - WIDTH / 2, y = Math.floor(pixel / WIDTH) - HEIGHT / 2;
    return Math.exp(-(x * x + y * y) / 200);
  });
  for (const values of [new Float64Array(PIXELS).fill(1), blob]) {
    const exact = filtered(kernel, values), lattice = latticeFilter(buildLattice(at, 5), values);
    const product = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const part = product(lattice, exact) / product(exact, exact);
    const rest = lattice.map((x, i) => x / part - exact[i]!);
    const off = Math.sqrt(product(rest, rest) / product(exact, exact));
    assert(part > 0.5 && part < 0.7, `part ${part}`);
    assert(off < 0.1, `rest ${off}`);
    assert(off > 0.005, "the lattice is no approximation any more");
  }
});

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Rng } from "../../../../core/rng.ts";
import { symmetricNorm } from "../../../../plugins/refinement/crf/normalization.ts";
import type { Lattice } from "../../../../plugins/refinement/crf/permutohedral.ts";
import { buildLattice } from "./build_lattice.ts";
import { KeyTable } from "./key_table.ts";
import { latticeFilter } from "./lattice_filter.ts";
import { scalarLattice } from "./scalar_lattice.ts";
import { Simplex } from "./simplex.ts";

function randomPoints(count: number, dimensions: number): Float32Array {
  const rng = Rng.of(7, "points", dimensions);
  return Float32Array.from({ length: count * dimensions }, () => rng.uniform(-6, 6));
}

Deno.test("a key table numbers keys in the order they come in, however many", () => {
  const table = new KeyTable(3), key = new Int32Array(3);
  const keyOf = (i: number) => key.set([i % 41 - 20, Math.floor(i / 41) - 300, -(i % 7)]);
  const count = 30_000;
  for (let i = 0; i < count; i++) {
    keyOf(i);
    assertEquals(table.find(key), -1);
    assertEquals(table.insert(key), i);
  }
  for (let i = 0; i < count; i++) {
    keyOf(i);
    assertEquals(table.insert(key), i);
    assertEquals(table.find(key), i);
    assertEquals(table.keys.subarray(3 * i, 3 * i + 3), key);
  }
  assertEquals(table.size, count);
});

Deno.test("a point is the weighted mean of its simplex's vertices, in any dimension", () => {
  for (const d of [1, 2, 3, 5, 6]) {
    const points = randomPoints(50, d), simplex = new Simplex(d), key = new Int32Array(d);
    for (let point = 0; point < 50; point++) {
      simplex.enclose(points, point * d);
      const weights = [...simplex.weights.subarray(0, d + 1)];
      assertAlmostEquals(weights.reduce((a, b) => a + b), 1, 1e-5);
      assert(weights.every((weight) => weight > -1e-5), `${weights}`);
      const mean = new Float64Array(d + 1);
      for (let remainder = 0; remainder <= d; remainder++) {
        if (remainder === 0) simplex.firstVertex(key);
        else simplex.nextVertex(key, remainder);
        const last = -key.reduce((a, b) => a + b);
        for (const coordinate of [...key, last]) {
          assertEquals(((coordinate - remainder) % (d + 1) + d + 1) % (d + 1), 0);
        }
        [...key, last].forEach((x, i) => mean[i]! += weights[remainder]! * x);
      }
      const wanted = elevate(points.subarray(point * d, (point + 1) * d));
      mean.forEach((x, i) => assertAlmostEquals(x, wanted[i]!, 1e-4));
    }
  }
});

/** E·x of Adams et al., page 5, for a blur of variance 2/3 (d + 1)^2. */
function elevate(point: Float32Array): number[] {
  const d = point.length;
  const scaled = Array.from(
    point,
    (x, i) => x * (d + 1) * Math.sqrt(2 / 3 / ((i + 1) * (i + 2))),
  );
  return Array.from({ length: d + 1 }, (_, j) => {
    const after = scaled.slice(j).reduce((a, b) => a + b, 0);
    return j === 0 ? after : after - j * scaled[j - 1]!;
  });
}

/** What filtering 1 at a point gives. */
function response(lattice: Lattice, from: number): Float64Array {
  const one = new Float64Array(lattice.vertices.length / (lattice.dimensions + 1));
  one[from] = 1;
  return latticeFilter(lattice, one);
}

Deno.test("splat, blur and slice filter with variance 1 in every direction", () => {
  // A dense grid of +-6 standard deviations, so that no vertex of the lattice is missing.
  const side = 61, step = 0.2;
  const grid = Float32Array.from(
    { length: side * side * 2 },
    (_, i) => step * (i % 2 === 0 ? (i >> 1) % side : Math.floor((i >> 1) / side)),
  );
  const lattice = buildLattice(grid, 2);
  const moments = { sum: 0, xx: 0, yy: 0, xy: 0 };
  // The lattice's kernel varies within a simplex: average over places.
  for (let place = 0; place < 49; place++) {
    const cx = 27 + place % 7,
      cy = 27 + Math.floor(place / 7),
      at = response(lattice, cy * side + cx);
    for (let i = 0; i < side * side; i++) {
      const x = step * (i % side - cx), y = step * (Math.floor(i / side) - cy), value = at[i]!;
      moments.sum += value;
      moments.xx += value * x * x;
      moments.yy += value * y * y;
      moments.xy += value * x * y;
    }
  }
  assertAlmostEquals(moments.xx / moments.sum, 1, 0.05);
  assertAlmostEquals(moments.yy / moments.sum, 1, 0.05);
  assertAlmostEquals(moments.xy / moments.sum, 0, 0.05);
});

Deno.test("neighbours are mutual, and missing ones have the number behind the last vertex", () => {
  const { size, dimensions, neighbours } = buildLattice(randomPoints(300, 3), 3);
  let missing = 0;
  for (let axis = 0; axis <= dimensions; axis++) {
    for (let v = 0; v < size; v++) {
      const at = 2 * (axis * size + v);
      const before = neighbours[at]!, after = neighbours[at + 1]!;
      if (after === size) missing++;
      else assertEquals(neighbours[2 * (axis * size + after)], v);
      if (before !== size) assertEquals(neighbours[2 * (axis * size + before) + 1], v);
    }
  }
  assert(missing > 0 && missing < size * (dimensions + 1));
});

Deno.test("an unfinished block of four points adds the vertices at the origin, as pydensecrf does", () => {
  const far = (count: number) => new Float32Array(count * 2).fill(100);
  assertEquals(buildLattice(far(4), 2).size, 3);
  for (const count of [1, 2, 3, 5]) assertEquals(buildLattice(far(count), 2).size, 6);
  assertEquals(buildLattice(new Float32Array(3 * 2), 2).size, 3);
});

Deno.test("the symmetric norm makes a lone point's kernel 1", () => {
  const points = new Float32Array(3 * 4);
  points.set([50, 50, 50], 9);
  const lattice = buildLattice(points, 3);
  const scale = 1 / (1 + 2 ** -3);
  const own = response(lattice, 3)[3]!;
  assertAlmostEquals(symmetricNorm(lattice, scale)[3]! ** 2 * own, 1, 1e-5);
  // Three points in one place share it.
  assertAlmostEquals(
    symmetricNorm(lattice, scale)[0]! ** 2 * response(lattice, 0)[1]!,
    1 / 3,
    1e-5,
  );
});

/** Position and colour of an image with edges, in standard deviations. */
function pixels(width: number, height: number): Float32Array {
  const rng = Rng.of(3, "pixels");
  return Float32Array.from({ length: width * height * 5 }, (_, i) => {
    const pixel = Math.floor(i / 5), x = pixel % width, y = Math.floor(pixel / width);
    if (i % 5 === 0) return x / 80;
    if (i % 5 === 1) return y / 80;
    return Math.floor((x + y > width ? 200 : 60) + rng.uniform(0, 40)) / 13;
  });
}

Deno.test("lattices are those of the scalar code, number by number, whatever their size", () => {
  const cases: [string, Float32Array, number][] = [
    ...[1, 2, 3, 4, 5, 6, 7].map((d): [string, Float32Array, number] => [
      `${d} dimensions`,
      randomPoints(333, d),
      d,
    ]),
    // On faces of simplices: whole and halved coordinates.
    ["a grid", Float32Array.from({ length: 4 * 900 }, (_, i) => (i * 7 % 31) / 2 - 8), 2],
    ["one point", Float32Array.of(0.3, -2), 2],
    ["an image", pixels(61, 47), 5],
    ["more vertices than the table has room for at first", randomPoints(20_001, 5), 5],
    ["a smaller one again", randomPoints(10, 5), 5],
  ];
  for (const [name, points, d] of cases) {
    const lattice = buildLattice(points, d), want = scalarLattice(points, d);
    assertEquals(lattice.size, want.size, name);
    for (const part of ["vertices", "weights", "neighbours"] as const) {
      assert(lattice[part].length === want[part].length, `${name}: length of ${part}`);
      const at = lattice[part].findIndex((value, i) => value !== want[part][i]);
      assert(at < 0, `${name}: ${part}[${at}] is ${lattice[part][at]}, want ${want[part][at]}`);
    }
  }
});

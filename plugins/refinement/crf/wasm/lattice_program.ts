import {
  advance,
  assemble,
  type Code,
  f32,
  f32x4,
  FunctionBuilder,
  i32,
  i32x4,
  lessen,
  type Local,
  locals,
  repeat,
  repeatWhile,
  times,
  v128,
} from "seamstress/ops";
import { HALF, halves, KeySearch, neighbours, rehash } from "./key_search.ts";
import { FLOAT, INTEGER, KEY, LANES, POINT } from "./sizes.ts";

/** What {@linkcode latticeProgram} compiles. All addresses are bytes in the imported memory. */
export interface LatticeProgram {
  /**
   * Encloses points, four at a time, and gives numbers to the vertices of their simplices, in the order of their first appearance.
   *
   * @param table described by `TABLE`; its slots must not get more than half full
   * @param points `[n][d]` floats, in standard deviations of the filter
   * @param blocks n / 4
   * @param vertices receives `[n][d + 1]` integers
   * @param weights receives `[n][d + 1]` barycentric coordinates
   * @param scratch `SCRATCH` bytes, 0 where the program has not written
   */
  enclose(
    table: number,
    points: number,
    blocks: number,
    vertices: number,
    weights: number,
    scratch: number,
  ): void;
  /**
   * Looks up the vertices at a distance from all vertices.
   *
   * @param table with their keys
   * @param distance a key, added to those of the vertices
   * @param found receives the numbers, every other integer; the number of vertices where there is none
   */
  neighbours(table: number, distance: number, found: number): void;
  /** Fills empty slots anew, after their number changed. */
  rehash(table: number): void;
}

/** Offsets of a point in the scratch memory: ranks of its coordinates, and what each adds to the weights, by rank. */
const RANKS = KEY, PARTS = 2 * KEY;

/** All bits 1 in the first integers of a key, 0 behind them. */
const ones = (count: number) => times(KEY / INTEGER, (i) => i < count ? -1 : 0);

/**
 * Compiles the search for the simplices of a permutohedral lattice that enclose points (Adams, Baek, Davis, "Fast High-Dimensional
 * Filtering Using the Permutohedral Lattice", 2010, sections 3.1 and 3.2), four points at a time. Computes in float32, operation by
 * operation as Krähenbühl's code does: on a face between two simplices rounding decides which vertices the lattice gets.
 *
 * @param dimensions d of the points, 1 to 7
 * @returns a module that imports `env.memory` and exports a {@linkcode LatticeProgram}
 */
export function latticeProgram(dimensions: number): Uint8Array<ArrayBuffer> {
  return assemble({
    enclose: enclose(dimensions),
    neighbours: neighbours(),
    rehash: rehash(),
  });
}

function enclose(d: number): FunctionBuilder {
  const f = new FunctionBuilder(), corners = d + 1;
  const [table, points, blocks, vertices, weights, scratch] = locals(6, () => f.parameter("i32"));
  const search = new KeySearch(f, table);
  const vectors = (count: number) => times(count, () => f.local("v128"));
  const coordinates = vectors(d);
  const elevated = vectors(corners), origin = vectors(corners), offset = vectors(corners);
  const rank = vectors(corners);
  const [sum, scaled, mask] = locals(3, () => f.local("v128"));
  const [left, point, remainder] = locals(3, () => f.local("i32"));
  return f.body(
    search.begin(),
    repeatWhile(blocks.get, [
      ...coordinates.map((coordinate, i) => gather(coordinate, points, d, i)),
      elevate(coordinates, elevated, sum, scaled),
      round(elevated, origin, offset, sum),
      sort(offset, rank, sum, mask),
      shift(origin, rank, mask),
      spread({ elevated, origin, rank }, scratch, scaled, point),
      point.set(scratch.get),
      left.set(i32.constant(LANES)),
      repeatWhile(left.get, [
        eachVertex(search, point, vertices, remainder, corners),
        weigh(point, weights, corners),
        advance(point, POINT),
        advance(vertices, corners * INTEGER),
        advance(weights, corners * FLOAT),
        lessen(left, 1),
      ]),
      advance(points, LANES * d * FLOAT),
      lessen(blocks, 1),
    ]),
    search.end(),
  );
}

/** One coordinate of four points. */
function gather(coordinate: Local, points: Local, d: number, i: number): Code {
  return times(LANES, (lane) =>
    coordinate.set(
      v128.loadLane(points.get, coordinate.get, lane, (lane * d + i) * FLOAT),
    )).flat();
}

/** Puts the points on the hyperplane of the lattice (equation for E, page 5). */
function elevate(
  coordinates: readonly Local[],
  elevated: readonly Local[],
  sum: Local,
  scaled: Local,
): Code {
  const d = coordinates.length;
  // The blur has a variance of 2/3 (d + 1)^2 in every direction: the scale makes it 1.
  const deviation = Math.fround(Math.sqrt(2 / 3) * (d + 1));
  const steps = times(d, (n) => {
    const i = d - n, scale = 1 / Math.sqrt((i + 1) * i) * deviation;
    return [
      ...scaled.set(f32x4.multiply(coordinates[i - 1]!.get, f32x4.constant(scale))),
      ...elevated[i]!.set(
        f32x4.subtract(sum.get, f32x4.multiply(f32x4.constant(i), scaled.get)),
      ),
      ...sum.set(f32x4.add(sum.get, scaled.get)),
    ];
  });
  return [...sum.set(f32x4.constant(0)), ...steps.flat(), ...elevated[0]!.set(sum.get)];
}

/** Nearest vertices with remainder 0, multiples of d + 1; `sum` is how far their sums are from 0, in units of d + 1. */
function round(
  elevated: readonly Local[],
  origin: readonly Local[],
  offset: readonly Local[],
  sum: Local,
): Code {
  const corners = elevated.length, down = f32x4.constant(Math.fround(1 / corners));
  const each = elevated.flatMap((from, i) => [
    ...origin[i]!.set(f32x4.nearest(f32x4.multiply(down, from.get))),
    ...sum.set(f32x4.add(sum.get, origin[i]!.get)),
    ...origin[i]!.set(f32x4.multiply(origin[i]!.get, f32x4.constant(corners))),
    ...offset[i]!.set(f32x4.subtract(from.get, origin[i]!.get)),
    ...origin[i]!.set(i32x4.ofFloats(origin[i]!.get)),
  ]);
  return [...sum.set(f32x4.constant(0)), ...each, ...sum.set(i32x4.ofFloats(sum.get))];
}

/** Ranks the offsets from the origin, the largest first, after so many as the sums are too large. */
function sort(offset: readonly Local[], rank: readonly Local[], sum: Local, smaller: Local): Code {
  const pairs = offset.flatMap((own, i) =>
    offset.slice(i + 1).flatMap((other, n) => {
      const after = rank[i + 1 + n]!;
      return [
        // A comparison gives −1 where it holds.
        ...smaller.set(f32x4.less(own.get, other.get)),
        ...rank[i]!.set(i32x4.subtract(rank[i]!.get, smaller.get)),
        ...after.set(
          i32x4.add(after.get, i32x4.add(i32x4.constant(1), smaller.get)),
        ),
      ];
    })
  );
  return [...rank.flatMap((local) => local.set(sum.get)), ...pairs];
}

/** Moves coordinates by d + 1 so that they add up to 0 again. */
function shift(origin: readonly Local[], rank: readonly Local[], by: Local): Code {
  const corners = i32x4.constant(rank.length);
  return rank.flatMap((own, i) => [
    ...by.set(i32x4.subtract(
      v128.and(i32x4.lessSigned(own.get, i32x4.constant(0)), corners),
      v128.and(i32x4.atLeastSigned(own.get, corners), corners),
    )),
    ...own.set(i32x4.add(own.get, by.get)),
    ...origin[i]!.set(i32x4.add(origin[i]!.get, by.get)),
  ]);
}

/** Writes, point by point, d coordinates, their ranks, and by rank what each of the d + 1 adds to the barycentric coordinates. */
function spread(
  { elevated, origin, rank }: Readonly<Record<"elevated" | "origin" | "rank", readonly Local[]>>,
  scratch: Local,
  part: Local,
  place: Local,
): Code {
  const corners = rank.length, down = f32x4.constant(Math.fround(1 / corners));
  return rank.flatMap((own, i) => [
    ...part.set(f32x4.multiply(
      f32x4.subtract(elevated[i]!.get, i32x4.toFloats(origin[i]!.get)),
      down,
    )),
    ...times(LANES, (lane) => {
      const at = lane * POINT;
      return [
        ...v128.storeLane(scratch.get, own.get, lane, at + RANKS + i * INTEGER),
        ...i < corners - 1
          ? v128.storeLane(scratch.get, origin[i]!.get, lane, at + i * INTEGER)
          : [],
        ...place.set(i32.add(
          scratch.get,
          i32.shiftLeft(i32.load(scratch.get, at + RANKS + i * INTEGER), i32.constant(2)),
        )),
        ...v128.storeLane(place.get, part.get, lane, at + PARTS),
      ];
    }).flat(),
  ]);
}

/** Numbers the vertices of a point's simplex, by remainder. */
function eachVertex(
  search: KeySearch,
  point: Local,
  vertices: Local,
  remainder: Local,
  corners: number,
): Code {
  const place = i32.add(vertices.get, i32.shiftLeft(remainder.get, i32.constant(2)));
  const valid = halves(ones(corners - 1));
  const coordinate = (i: number) => {
    // One further in every coordinate, but back by d + 1 in those of the highest ranks, as many as the remainder.
    const further = i32x4.add(v128.load(point.get, i * HALF), i32x4.splat(remainder.get));
    const back = i32x4.atLeastSigned(
      v128.load(point.get, RANKS + i * HALF),
      i32x4.splat(i32.subtract(i32.constant(corners), remainder.get)),
    );
    return v128.and(
      i32x4.subtract(further, v128.and(back, i32x4.constant(corners))),
      i32x4.constants(valid[i as 0 | 1]),
    );
  };
  return [
    ...remainder.set(i32.constant(0)),
    ...repeat([
      ...search.key.map((half, i) => half.set(coordinate(i))),
      search.insert(),
      i32.store(place, search.number.get),
      advance(remainder, 1),
    ], i32.lessSigned(remainder.get, i32.constant(corners))),
  ];
}

/** Barycentric coordinates (page 10). */
function weigh(point: Local, weights: Local, corners: number): Code {
  const part = (rank: number) => f32.load(point.get, PARTS + rank * FLOAT);
  return times(corners, (k) => {
    const before = k === 0 ? f32.subtract(f32.constant(1), part(0)) : part(corners - k);
    const combine = k === 0 ? f32.add : f32.subtract;
    return f32.store(weights.get, combine(part(corners - 1 - k), before), k * FLOAT);
  }).flat();
}

import {
  assemble,
  type Code,
  f32,
  f32x4,
  FunctionBuilder,
  i32,
  i32x4,
  type Local,
  repeat,
  repeatWhile,
  v128,
  when,
} from "seamstress/ops";
import { FLOAT, INTEGER, KEY, LANES, POINT, TABLE } from "./sizes.ts";

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

const VECTOR = LANES * INTEGER;
/** Multiplier of the hash: odd, 2^32 over the golden ratio, so that regular lattice coordinates spread evenly. */
const MULTIPLIER = 0x9e3779b1 | 0;
/** Odd multipliers of a key's integers. */
const FACTORS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0xd3a2646d, 0xfd7046c5]
  .map((factor) => factor | 0);

const ones = (count: number) => Array.from({ length: KEY / INTEGER }, (_, i) => i < count ? -1 : 0);
const halves = (values: readonly number[]) =>
  [values.slice(0, LANES), values.slice(LANES)] as unknown as readonly [
    readonly [number, number, number, number],
    readonly [number, number, number, number],
  ];
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

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

/** A hash table as a function sees it, and a search in it. */
class Search {
  readonly slots: Local;
  readonly mask: Local;
  readonly shift: Local;
  readonly keys: Local;
  readonly size: Local;
  /** The key that is looked for, in two halves. */
  readonly key: readonly [Local, Local];
  /** Address of the slot where the search ended, and what it holds. */
  readonly place: Local;
  readonly number: Local;
  readonly #table: Local;
  readonly #slot: Local;
  readonly #other: Local;
  readonly #differs: Local;
  readonly #hash: Local;

  constructor(f: FunctionBuilder, table: Local) {
    this.#table = table;
    const integers = times(9, () => f.local("i32")) as [
      ...[Local, Local, Local, Local, Local],
      ...[Local, Local, Local, Local],
    ];
    [this.slots, this.mask, this.shift, this.keys, this.size] = integers;
    [this.place, this.number, this.#slot, this.#other] = integers.slice(5) as [
      ...[Local, Local, Local, Local],
    ];
    this.#differs = f.local("i32");
    this.key = [f.local("v128"), f.local("v128")];
    this.#hash = f.local("v128");
  }

  /** Reads the table's description. */
  begin(): Code {
    return [this.slots, this.mask, this.shift, this.keys, this.size].flatMap((local, i) =>
      local.set(i32.load(this.#table.get, i * INTEGER))
    );
  }

  /** Writes the number of keys. */
  end(): Code {
    return i32.store(this.#table.get, this.size.get, TABLE.indexOf("size") * INTEGER);
  }

  /** Address of a key. */
  keyAt(number: Code): Code {
    return i32.add(this.keys.get, i32.shiftLeft(number, i32.constant(Math.log2(KEY))));
  }

  load(address: Code): Code {
    return this.key.flatMap((half, i) => half.set(v128.load(address, i * VECTOR)));
  }

  /** Goes to the slot of the key, or to the empty one where it belongs: `number` is −1 then. */
  find(): Code {
    const [low, high] = this.key, hash = this.#hash, slot = this.#slot;
    const [first, second] = halves([...FACTORS, 0]);
    const fold = (lanes: readonly [number, number, number, number]) =>
      hash.set(i32x4.add(hash.get, f32x4.shuffle(hash.get, hash.get, lanes)));
    return [
      ...hash.set(i32x4.add(
        i32x4.multiply(low.get, i32x4.constants(first)),
        i32x4.multiply(high.get, i32x4.constants(second)),
      )),
      ...fold([2, 3, 0, 1]),
      ...fold([1, 0, 3, 2]),
      ...slot.set(
        i32.shiftRightUnsigned(
          i32.multiply(i32x4.first(hash.get), i32.constant(MULTIPLIER)),
          this.shift.get,
        ),
      ),
      ...repeat([
        this.place.set(i32.add(this.slots.get, i32.shiftLeft(slot.get, i32.constant(2)))),
        this.number.set(i32.load(this.place.get)),
        this.#differs.set(i32.constant(0)),
        when(i32.atLeastSigned(this.number.get, i32.constant(0)), [
          this.#other.set(this.keyAt(this.number.get)),
          this.#differs.set(v128.any(v128.or(
            v128.xor(v128.load(this.#other.get), low.get),
            v128.xor(v128.load(this.#other.get, VECTOR), high.get),
          ))),
          slot.set(i32.and(i32.add(slot.get, this.#differs.get), this.mask.get)),
        ]),
      ], this.#differs.get),
    ];
  }

  /** Finds the key, and adds it where it is unknown: `number` is its number then. */
  insert(): Code {
    return [
      ...this.find(),
      ...when(i32.lessSigned(this.number.get, i32.constant(0)), [
        this.number.set(this.size.get),
        i32.store(this.place.get, this.number.get),
        this.#other.set(this.keyAt(this.number.get)),
        ...this.key.map((half, i) => v128.store(this.#other.get, half.get, i * VECTOR)),
        increase(this.size, 1),
      ]),
    ];
  }
}

function enclose(d: number): FunctionBuilder {
  const f = new FunctionBuilder(), corners = d + 1;
  const [table, points, blocks, vertices, weights, scratch] = times(6, () => f.parameter("i32")) as
    & Local[]
    & [Local, Local, Local, Local, Local, Local];
  const search = new Search(f, table);
  const vectors = (count: number) => times(count, () => f.local("v128"));
  const coordinates = vectors(d);
  const elevated = vectors(corners), origin = vectors(corners), offset = vectors(corners);
  const rank = vectors(corners);
  const [sum, scaled, mask] = vectors(3) as [Local, Local, Local];
  const left = f.local("i32"), point = f.local("i32"), remainder = f.local("i32");
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
        increase(point, POINT),
        increase(vertices, corners * INTEGER),
        increase(weights, corners * FLOAT),
        increase(left, -1),
      ]),
      increase(points, LANES * d * FLOAT),
      increase(blocks, -1),
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
  search: Search,
  point: Local,
  vertices: Local,
  remainder: Local,
  corners: number,
): Code {
  const place = i32.add(vertices.get, i32.shiftLeft(remainder.get, i32.constant(2)));
  const valid = halves(ones(corners - 1));
  const coordinate = (i: number) => {
    // One further in every coordinate, but back by d + 1 in those of the highest ranks, as many as the remainder.
    const further = i32x4.add(v128.load(point.get, i * VECTOR), i32x4.splat(remainder.get));
    const back = i32x4.atLeastSigned(
      v128.load(point.get, RANKS + i * VECTOR),
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
      increase(remainder, 1),
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

function neighbours(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [table, distance, found] = times(3, () => f.parameter("i32")) as [Local, Local, Local];
  const search = new Search(f, table);
  const key = f.local("i32"), left = f.local("i32");
  return f.body(
    search.begin(),
    key.set(search.keys.get),
    left.set(search.size.get),
    repeatWhile(left.get, [
      ...search.key.map((half, i) =>
        half.set(i32x4.add(v128.load(key.get, i * VECTOR), v128.load(distance.get, i * VECTOR)))
      ),
      search.find(),
      when(i32.lessSigned(search.number.get, i32.constant(0)), [
        search.number.set(search.size.get),
      ]),
      i32.store(found.get, search.number.get),
      increase(key, KEY),
      increase(found, 2 * INTEGER),
      increase(left, -1),
    ]),
  );
}

function rehash(): FunctionBuilder {
  const f = new FunctionBuilder(), table = f.parameter("i32");
  const search = new Search(f, table), next = f.local("i32");
  return f.body(
    search.begin(),
    repeatWhile(i32.lessSigned(next.get, search.size.get), [
      search.load(search.keyAt(next.get)),
      search.find(),
      i32.store(search.place.get, next.get),
      increase(next, 1),
    ]),
  );
}

function increase(local: Local, by: number): Code {
  return local.set(i32.add(local.get, i32.constant(by)));
}

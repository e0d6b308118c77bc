import type { LatticeProgram } from "./wasm/lattice_program.ts";
import { newMemory, reserve } from "./wasm/reserve.ts";
import { FLOAT, INTEGER, KEY, MOST_DIMENSIONS, SCRATCH, TABLE } from "./wasm/sizes.ts";

/** A permutohedral lattice around given points: the vertices of their simplices, and their neighbours. */
export interface Lattice {
  /** d, of the points. */
  readonly dimensions: number;
  /** Number of vertices. */
  readonly size: number;
  /** `[points][d + 1]`: the vertices of each point's simplex. */
  readonly vertices: Int32Array<ArrayBuffer>;
  /** `[points][d + 1]`: barycentric coordinates, the share of each of these vertices. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** `[d + 1][size][2]`: each vertex's neighbours along each axis; `size` where the lattice has none. */
  readonly neighbours: Int32Array<ArrayBuffer>;
}

/** Number of points that Krähenbühl's code locates at a time, and this one. */
const BLOCK = 4;
/** Points between two looks at how full the hash table is. */
const AT_ONCE = 1024;
/** Keys that the hash table has room for at first; a power of two. */
const FIRST_KEYS = 1 << 13;

/** Addresses in bytes. */
interface Places {
  readonly table: number;
  readonly distance: number;
  readonly scratch: number;
  readonly points: number;
  readonly vertices: number;
  readonly weights: number;
  /** Where slots and keys begin, which grow. */
  readonly end: number;
}

/**
 * Gives the bytes of a `latticeProgram` by its dimensions: that function, or in a Worker, which shall not load the assembler, what was
 * sent to it.
 */
export type LatticeSource = (dimensions: number) => Uint8Array<ArrayBuffer>;

/**
 * Builds the lattices on which a Gaussian filter of any dimension is splatting, blurring and slicing (Adams et al. 2010), vertex by
 * vertex as the densecrf code that pydensecrf wraps. Keeps its memory for the next one.
 */
export class LatticeBuilder {
  readonly #source: LatticeSource;
  readonly #programs = new Map<number, LatticeProgram>();
  readonly #memory = newMemory();
  /** Keys that the table has room for. */
  #room = FIRST_KEYS;

  /** @param source of the programs */
  constructor(source: LatticeSource) {
    this.#source = source;
  }

  /**
   * Builds a lattice around given points.
   *
   * @param points `[points][d]`, in standard deviations of the filter
   * @param dimensions d, 1 to 7
   * @returns the lattice
   * @throws {RangeError} where it needs more memory than WebAssembly or the machine has
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { LatticeBuilder } from "./permutohedral.ts";
   * import { latticeProgram } from "./wasm/lattice_program.ts";
   * const lattice = new LatticeBuilder(latticeProgram).build(Float32Array.of(0, 0.1, 0.2, 0.3), 1);
   * assertEquals(lattice.vertices.length, 4 * 2);
   * assertEquals(lattice.weights.subarray(0, 2), Float32Array.of(1, 0));
   * ```
   */
  build(points: Float32Array, dimensions: number): Lattice {
    const corners = dimensions + 1, count = points.length / dimensions;
    // That code pads the last block with points at the origin, whose vertices become part of the lattice and of the blur.
    const padded = Math.ceil(count / BLOCK) * BLOCK;
    const places = placesFor(padded, dimensions);
    const program = this.#program(dimensions);
    this.#room = FIRST_KEYS;
    this.#reserve(this.#keys(places) + this.#room * KEY, count);
    this.#floats(places.points, padded * dimensions).fill(0).set(points);
    this.#integers(places.scratch, SCRATCH / INTEGER).fill(0);
    this.#describe(places, 0);
    for (let from = 0; from < padded; from += AT_ONCE) {
      const some = Math.min(AT_ONCE, padded - from);
      while (this.#size(places) + some * corners > this.#room) this.#grow(places, program, count);
      program.enclose(
        places.table,
        places.points + from * dimensions * FLOAT,
        some / BLOCK,
        places.vertices + from * corners * INTEGER,
        places.weights + from * corners * FLOAT,
        places.scratch,
      );
    }
    return {
      dimensions,
      size: this.#size(places),
      vertices: this.#integers(places.vertices, count * corners).slice(),
      weights: this.#floats(places.weights, count * corners).slice(),
      neighbours: this.#neighbours(places, program, dimensions, count),
    };
  }

  /** Along axis j the neighbours are one further in every coordinate but d back in the j-th, and the opposite. */
  #neighbours(
    places: Places,
    program: LatticeProgram,
    d: number,
    count: number,
  ): Int32Array<ArrayBuffer> {
    const size = this.#size(places), found = this.#keys(places) + this.#room * KEY;
    this.#reserve(found + 2 * size * INTEGER, count);
    const neighbours = new Int32Array(2 * size * (d + 1));
    for (let axis = 0; axis <= d; axis++) {
      [-1, 1].forEach((step, side) => {
        const distance = this.#integers(places.distance, KEY / INTEGER);
        distance.forEach((_, i) => {
          distance[i] = i >= d ? 0 : i === axis ? -step * d : step;
        });
        program.neighbours(places.table, places.distance, found + side * INTEGER);
      });
      neighbours.set(this.#integers(found, 2 * size), 2 * size * axis);
    }
    return neighbours;
  }

  #program(dimensions: number): LatticeProgram {
    const known = this.#programs.get(dimensions);
    if (known) return known;
    if (!(dimensions >= 1 && dimensions <= MOST_DIMENSIONS)) {
      throw new RangeError(
        `Cannot build a lattice of ${dimensions} dimensions, expected 1 to ${MOST_DIMENSIONS}`,
      );
    }
    const module = new WebAssembly.Module(this.#source(dimensions));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    const program = exports as unknown as LatticeProgram;
    this.#programs.set(dimensions, program);
    return program;
  }

  /** Where the keys begin, behind twice as many slots. */
  #keys({ end }: Places): number {
    return end + 2 * this.#room * INTEGER;
  }

  #size({ table }: Places): number {
    return this.#integers(table, TABLE.length)[TABLE.indexOf("size")]!;
  }

  /** Describes the table to the program, all slots empty. */
  #describe(places: Places, size: number): void {
    const slots = 2 * this.#room;
    this.#integers(places.end, slots).fill(-1);
    this.#integers(places.table, TABLE.length).set([
      ...[places.end, slots - 1, 32 - Math.log2(slots), this.#keys(places), size],
    ]);
  }

  /** Makes room for twice as many keys. */
  #grow(places: Places, program: LatticeProgram, count: number): void {
    const size = this.#size(places), from = this.#keys(places);
    this.#room *= 2;
    const to = this.#keys(places);
    this.#reserve(to + this.#room * KEY, count);
    new Uint8Array(this.#memory.buffer).copyWithin(to, from, from + size * KEY);
    this.#describe(places, size);
    program.rehash(places.table);
  }

  #reserve(bytes: number, count: number): void {
    reserve(this.#memory, bytes, `build the dense CRF's lattice of ${count} pixels`);
  }

  #integers(at: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer as ArrayBuffer, at, length);
  }

  #floats(at: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer as ArrayBuffer, at, length);
  }
}

function placesFor(points: number, dimensions: number): Places {
  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / KEY) * KEY;
    return at;
  };
  const corners = points * (dimensions + 1);
  const places = {
    table: place(TABLE.length * INTEGER),
    distance: place(KEY),
    scratch: place(SCRATCH),
    points: place(points * dimensions * FLOAT),
    vertices: place(corners * INTEGER),
    weights: place(corners * FLOAT),
  };
  return { ...places, end };
}

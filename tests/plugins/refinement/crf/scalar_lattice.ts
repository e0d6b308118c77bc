import { KeyTable } from "./key_table.ts";
import type { Lattice } from "../../../../plugins/refinement/crf/permutohedral.ts";
import { Simplex } from "./simplex.ts";

/** Number of points that Krähenbühl's code locates at a time. */
const BLOCK = 4;

/**
 * Builds the lattice on which a Gaussian filter of any dimension is splatting, blurring and slicing (Adams et al. 2010), vertex by
 * vertex as the densecrf code that pydensecrf wraps; in JavaScript, number by number, for comparison.
 *
 * @param points `[points][d]`, in standard deviations of the filter
 * @param dimensions d
 * @returns the lattice
 */
export function scalarLattice(points: Float32Array, dimensions: number): Lattice {
  const corners = dimensions + 1, count = points.length / dimensions;
  const simplex = new Simplex(dimensions), table = new KeyTable(dimensions);
  const key = new Int32Array(dimensions);
  const vertices = new Int32Array(count * corners), weights = new Float32Array(count * corners);
  for (let point = 0; point < count; point++) {
    simplex.enclose(points, point * dimensions);
    insertVertices(simplex, table, key, vertices, point * corners);
    for (let r = 0; r < corners; r++) weights[point * corners + r] = simplex.weights[r]!;
  }
  if (count % BLOCK !== 0) {
    // That code pads the last block with points at the origin, whose vertices become part of the lattice and of the blur.
    simplex.enclose(new Float32Array(dimensions), 0);
    insertVertices(simplex, table, key, new Int32Array(corners), 0);
  }
  const neighbours = findNeighbours(table, key);
  return { dimensions, size: table.size, vertices, weights, neighbours };
}

function insertVertices(
  simplex: Simplex,
  table: KeyTable,
  key: Int32Array,
  vertices: Int32Array,
  at: number,
): void {
  simplex.firstVertex(key);
  vertices[at] = table.insert(key);
  for (let remainder = 1; remainder <= simplex.dimensions; remainder++) {
    simplex.nextVertex(key, remainder);
    vertices[at + remainder] = table.insert(key);
  }
}

/** Along axis j the neighbours are one further in every coordinate but d back in the j-th, and the opposite. */
function findNeighbours(table: KeyTable, key: Int32Array): Int32Array<ArrayBuffer> {
  const { size, dimensions, keys } = table;
  const neighbours = new Int32Array(2 * size * (dimensions + 1));
  let to = 0;
  for (let axis = 0; axis <= dimensions; axis++) {
    for (let vertex = 0; vertex < size; vertex++) {
      neighbours[to++] = neighbour(table, keys, vertex, axis, -1, key);
      neighbours[to++] = neighbour(table, keys, vertex, axis, 1, key);
    }
  }
  return neighbours;
}

function neighbour(
  table: KeyTable,
  keys: Int32Array,
  vertex: number,
  axis: number,
  step: 1 | -1,
  key: Int32Array,
): number {
  const d = table.dimensions;
  for (let i = 0; i < d; i++) key[i] = keys[vertex * d + i]! + step;
  if (axis < d) key[axis]! -= step * (d + 1);
  const found = table.find(key);
  return found < 0 ? table.size : found;
}

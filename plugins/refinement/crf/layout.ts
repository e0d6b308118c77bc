import type { Kernel } from "./kernel.ts";
import { FLOAT, INTEGER, LANES } from "./wasm/sizes.ts";

const REGISTER = LANES * FLOAT;

/** Addresses of a kernel's lattice, in bytes. */
export interface PlacedKernel {
  /** Two arrays `[size + 1][labels]` between which the blur alternates; the last row is 0 and stands for a missing neighbour. */
  readonly values: readonly [number, number];
  /** `[axes][size][2]` byte offsets from the values. */
  readonly neighbours: number;
  readonly size: number;
  readonly axes: number;
  readonly factor: number;
}

/** Memory layout of a {@linkcode MeanFieldProgram}: addresses in bytes. */
export interface Layout {
  readonly pixels: number;
  /** Number of labels, padded to a multiple of the vector registers' lanes. */
  readonly labels: number;
  /** `[pixels][labels]`. */
  readonly logits: number;
  readonly logitsEnd: number;
  /** `[pixels][corners of all kernels]` byte offsets from the kernel's values. */
  readonly vertices: number;
  /** `[pixels][corners of all kernels]`. */
  readonly weights: number;
  readonly kernels: readonly PlacedKernel[];
  /** Total size. */
  readonly bytes: number;
}

/**
 * Computes the memory layout.
 *
 * @param pixels number of them
 * @param labels a multiple of the vector registers' lanes
 * @param kernels pairwise terms
 * @returns the layout
 */
export function layOut(pixels: number, labels: number, kernels: readonly Kernel[]): Layout {
  let bytes = 0;
  const place = (length: number): number => {
    const at = bytes;
    bytes += Math.ceil(length / REGISTER) * REGISTER;
    return at;
  };
  const corners = kernels.reduce((sum, { lattice }) => sum + lattice.dimensions + 1, 0);
  const logits = place(pixels * labels * FLOAT);
  const vertices = place(pixels * corners * INTEGER);
  const weights = place(pixels * corners * FLOAT);
  const placed = kernels.map(({ lattice: { size, dimensions, neighbours }, factor }) => {
    const row = labels * FLOAT;
    return {
      values: [place((size + 1) * row), place((size + 1) * row)] as const,
      neighbours: place(neighbours.length * INTEGER),
      size,
      axes: dimensions + 1,
      factor,
    };
  });
  const logitsEnd = logits + pixels * labels * FLOAT;
  return { pixels, labels, logits, logitsEnd, vertices, weights, kernels: placed, bytes };
}

/**
 * Writes the data that is constant over all iterations, and zeros to the accumulators.
 *
 * @param buffer the memory
 * @param layout of it
 * @param kernels that it was laid out for
 */
export function writeKernels(
  buffer: ArrayBufferLike,
  layout: Layout,
  kernels: readonly Kernel[],
): void {
  const row = layout.labels * FLOAT;
  const corners = layout.kernels.reduce((sum, { axes }) => sum + axes, 0);
  const vertices = new Int32Array(buffer, layout.vertices, layout.pixels * corners);
  const weights = new Float32Array(buffer, layout.weights, layout.pixels * corners);
  let column = 0;
  kernels.forEach((kernel, k) => {
    const { lattice } = kernel, placed = layout.kernels[k]!;
    writeColumns(vertices, corners, column, lattice.vertices, placed.axes, row);
    writeColumns(weights, corners, column, kernel.weights, placed.axes, 1);
    writeColumns(
      new Int32Array(buffer, placed.neighbours, lattice.neighbours.length),
      1,
      0,
      lattice.neighbours,
      1,
      row,
    );
    for (const at of placed.values) {
      new Float32Array(buffer, at, (placed.size + 1) * layout.labels).fill(0);
    }
    column += placed.axes;
  });
}

/** Copies `[rows][width]`, times a factor, into columns of `[rows][stride]`. */
function writeColumns(
  to: Int32Array | Float32Array,
  stride: number,
  column: number,
  from: Int32Array | Float32Array,
  width: number,
  factor: number,
): void {
  for (let read = 0, start = column; read < from.length; start += stride) {
    for (let i = 0; i < width; i++) to[start + i] = from[read++]! * factor;
  }
}

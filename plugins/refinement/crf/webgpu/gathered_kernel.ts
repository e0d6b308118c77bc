import type { Kernel } from "../kernel.ts";

/**
 * A pairwise term for the GPU: splatting is a gather ("each vertex sums its pixels") instead of a scatter ("each pixel adds to its
 * vertices"). That needs no atomic addition, and always sums in the same order.
 *
 * A vertex under a uniform sky has thousands of pixels, one at an edge a few: they are cut into chunks of at most
 * {@linkcode LONGEST_CHUNK}, so that no invocation adds up for long while others wait.
 */
export interface GatheredKernel {
  /** Number of vertices of the lattice. */
  readonly size: number;
  /** d + 1: vertices of a simplex, and directions of the blur. */
  readonly axes: number;
  /** Factor from a sliced value to a message. */
  readonly factor: number;
  /** `[pixels][axes]`: the vertices of each pixel's simplex. */
  readonly vertices: Int32Array<ArrayBuffer>;
  /** `[pixels][axes]`: the pixel's normalised share of each of them. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** `[axes][size][2]`: each vertex's neighbours along each axis; `size` where the lattice has none. */
  readonly neighbours: Int32Array<ArrayBuffer>;
  /** `[pixels * axes]`: the pixels of each vertex, vertex by vertex, ascending. */
  readonly gatheredPixels: Int32Array<ArrayBuffer>;
  /** `[pixels * axes]`: the weight of each of them. */
  readonly gatheredWeights: Float32Array<ArrayBuffer>;
  /** `[chunks + 1]`: first gathered pixel of each chunk; the last is their number. */
  readonly chunkStarts: Int32Array<ArrayBuffer>;
  /** `[size + 1]`: first chunk of each vertex; the last is their number. */
  readonly vertexChunks: Int32Array<ArrayBuffer>;
}

/** Maximum number of gathered pixels that one invocation sums. */
export const LONGEST_CHUNK = 64;

/**
 * Turns splatting into gathering.
 *
 * @param kernel a pairwise term
 * @returns the same; shares the kernel's arrays
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KernelBuilder } from "../kernel.ts";
 * import { latticeProgram } from "../wasm/lattice_program.ts";
 * import { gatherKernel } from "./gathered_kernel.ts";
 * const image = { width: 3, height: 1, channels: 3, data: new Uint8Array(9) };
 * const kernel = gatherKernel(new KernelBuilder(latticeProgram).gaussian(image, { sxy: 3, compat: 3 }));
 * assertEquals(kernel.gatheredPixels.length, 3 * 3);
 * assertEquals(kernel.vertexChunks.length, kernel.size + 1);
 * ```
 */
export function gatherKernel({ lattice, weights, factor }: Kernel): GatheredKernel {
  const { size, vertices, neighbours } = lattice, axes = lattice.dimensions + 1;
  const starts = firstOfEach(vertices, size);
  const gatheredPixels = new Int32Array(vertices.length);
  const gatheredWeights = new Float32Array(vertices.length);
  const next = starts.slice();
  for (let pixel = 0, at = 0; at < vertices.length; pixel++) {
    for (const end = at + axes; at < end; at++) {
      const to = next[vertices[at]!]!++;
      gatheredPixels[to] = pixel;
      gatheredWeights[to] = weights[at]!;
    }
  }
  return {
    ...{ size, axes, factor },
    ...{ vertices, weights, neighbours },
    ...{ gatheredPixels, gatheredWeights },
    ...cut(starts),
  };
}

/**
 * The memory that a kernel's arrays lie in.
 *
 * @param kernel any
 * @returns what to transfer to give the kernel to another thread
 */
export function buffersOf(kernel: GatheredKernel): ArrayBuffer[] {
  const { vertices, weights, neighbours, gatheredPixels, gatheredWeights } = kernel;
  const { chunkStarts, vertexChunks } = kernel;
  return [
    ...[vertices, weights, neighbours, gatheredPixels, gatheredWeights],
    ...[chunkStarts, vertexChunks],
  ].map(({ buffer }) => buffer);
}

/** `[size + 1]`: how many entries name a lower vertex. */
function firstOfEach(vertices: Int32Array, size: number): Int32Array {
  const starts = new Int32Array(size + 1);
  for (const vertex of vertices) starts[vertex + 1]!++;
  for (let vertex = 0; vertex < size; vertex++) starts[vertex + 1]! += starts[vertex]!;
  return starts;
}

/** Cuts each vertex's pixels into chunks. A vertex may have none: the lattice has vertices that only pass the blur on. */
function cut(starts: Int32Array): Pick<GatheredKernel, "chunkStarts" | "vertexChunks"> {
  const size = starts.length - 1, vertexChunks = new Int32Array(size + 1);
  for (let vertex = 0; vertex < size; vertex++) {
    const length = starts[vertex + 1]! - starts[vertex]!;
    vertexChunks[vertex + 1] = vertexChunks[vertex]! + Math.ceil(length / LONGEST_CHUNK);
  }
  const chunkStarts = new Int32Array(vertexChunks[size]! + 1);
  for (let vertex = 0; vertex < size; vertex++) {
    let start = starts[vertex]!;
    for (let chunk = vertexChunks[vertex]!; chunk < vertexChunks[vertex + 1]!; chunk++) {
      chunkStarts[chunk] = start;
      start += LONGEST_CHUNK;
    }
  }
  chunkStarts[chunkStarts.length - 1] = starts[size]!;
  return { chunkStarts, vertexChunks };
}

import { assert, assertEquals } from "@std/assert";
import type { Raster } from "../../../../../core/data/sample.ts";
import { type Kernel, KernelBuilder } from "../../../../../plugins/refinement/crf/kernel.ts";
import { latticeProgram } from "../../../../../plugins/refinement/crf/wasm/lattice_program.ts";
import {
  buffersOf,
  gatherKernel,
  LONGEST_CHUNK,
} from "../../../../../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import { halves, options } from "../setup.ts";

function flat(width: number, height: number): Raster {
  return { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(90) };
}

function splat({ lattice, weights }: Kernel, q: Float64Array): Float64Array {
  const values = new Float64Array(lattice.size), axes = lattice.dimensions + 1;
  weights.forEach((weight, i) =>
    values[lattice.vertices[i]!]! += weight * q[Math.floor(i / axes)]!
  );
  return values;
}

function gather(kernel: Kernel, q: Float64Array): Float64Array {
  const { size, chunkStarts, vertexChunks, gatheredPixels, gatheredWeights } = gatherKernel(kernel);
  const values = new Float64Array(size);
  for (let vertex = 0; vertex < size; vertex++) {
    for (let chunk = vertexChunks[vertex]!; chunk < vertexChunks[vertex + 1]!; chunk++) {
      for (let i = chunkStarts[chunk]!; i < chunkStarts[chunk + 1]!; i++) {
        values[vertex]! += gatheredWeights[i]! * q[gatheredPixels[i]!]!;
      }
    }
  }
  return values;
}

Deno.test("gathering gives each vertex what splatting gives it", () => {
  for (const image of [halves(23, 17), flat(31, 29), halves(1, 1), flat(2, 1)]) {
    const q = Float64Array.from({ length: image.width * image.height }, (_, i) => Math.sin(i) + 2);
    for (const kernel of new KernelBuilder(latticeProgram).pairwise(image, options())) {
      assertEquals(gather(kernel, q), splat(kernel, q));
    }
  }
});

Deno.test("no chunk is longer than allowed, none is empty, and together they are all", () => {
  const kernels = new KernelBuilder(latticeProgram).pairwise(flat(60, 50), options()).map(
    gatherKernel,
  );
  assert(kernels[1]!.chunkStarts.length > kernels[1]!.size, "an image of one colour needs chunks");
  for (const { chunkStarts, vertexChunks, vertices, size } of kernels) {
    const chunks = chunkStarts.length - 1;
    assertEquals(vertexChunks[size], chunks);
    assertEquals(chunkStarts[chunks], vertices.length);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const length = chunkStarts[chunk + 1]! - chunkStarts[chunk]!;
      assert(length > 0 && length <= LONGEST_CHUNK, `chunk ${chunk} has ${length} pixels`);
    }
  }
});

Deno.test("a vertex without pixels has no chunk", () => {
  // 3 pixels: the lattice gets the origin's vertices too, which no pixel uses.
  const [, kernel] = new KernelBuilder(latticeProgram).pairwise(flat(3, 1), options()).map(
    gatherKernel,
  );
  const { vertexChunks, vertices, size } = kernel!;
  const used = new Set(vertices);
  assert(used.size < size);
  for (let vertex = 0; vertex < size; vertex++) {
    assertEquals(vertexChunks[vertex + 1]! > vertexChunks[vertex]!, used.has(vertex));
  }
});

Deno.test("all of a kernel's arrays can be transferred", () => {
  const [kernel] = new KernelBuilder(latticeProgram).pairwise(halves(6, 5), options()).map(
    gatherKernel,
  );
  const copy = structuredClone(kernel!),
    moved = structuredClone(kernel!, {
      transfer: buffersOf(kernel!),
    });
  assertEquals(moved, copy);
  for (const array of Object.values(kernel!)) {
    if (ArrayBuffer.isView(array)) assertEquals(array.byteLength, 0);
  }
});

import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type ConvGeometry, convGeometry } from "../../../../plugins/ops/conv/geometry.ts";
import { hasSlowCompiler } from "../../../../plugins/ops/webgpu/device.ts";
import { chooseTile, tileName } from "../../../../plugins/ops/webgpu/tiles.ts";
import { runConv2d } from "../../../../plugins/ops/conv/conv2d.wgsl.ts";
import { runConvFilterGradient } from "../../../../plugins/ops/conv/filter_gradient.wgsl.ts";
import { runConvInputGradient } from "../../../../plugins/ops/conv/input_gradient.wgsl.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error, type Reference } from "../reference.ts";
import { readInfo, upload, webgpuTest } from "../webgpu/setup.ts";

/** Float32 sums of products of uniform numbers, relative to the largest. */
const TOLERANCE = 1e-5;

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly pad: number;
}

/** Channels 1, 3, 21, 195, 4096; strides 1, 2; dilations 1, 2, 4, 12; images of odd sizes; every tile of both kinds of adapters. */
const cases: readonly Case[] = [
  { x: [1, 7, 9, 1], k: 3, filters: 3, pad: 1 },
  { x: [2, 9, 11, 3], k: 3, filters: 64, stride: 2, pad: 1 },
  { x: [1, 13, 15, 21], k: 3, filters: 1, dilation: 4, pad: 4 },
  { x: [2, 9, 7, 195], k: 1, filters: 21, pad: 0 },
  { x: [1, 5, 7, 4096], k: 1, filters: 21, pad: 0 },
  { x: [1, 11, 13, 12], k: 3, filters: 20, dilation: 12, pad: 12 },
  { x: [2, 13, 11, 8], k: 3, filters: 12, stride: 2, pad: 1 },
  { x: [1, 9, 17, 16], k: 3, filters: 36, dilation: 2, pad: 2 },
  // As many tiles as a GPU's largest needs.
  { x: [1, 128, 128, 3], k: 1, filters: 66, pad: 0 },
  { x: [3, 6, 5, 4], k: 2, filters: 132, stride: 2, pad: 0 },
];

function describe(c: Case): string {
  return `${c.k}x${c.k} ${c.x.join("x")} to ${c.filters}, stride ${c.stride ?? 1}, dilation ${
    c.dilation ?? 1
  }`;
}

function setUp(c: Case): {
  geometry: ConvGeometry;
  x: Reference;
  filter: Reference;
  dy: Reference;
} {
  const shape = [c.k, c.k, c.x[3], c.filters] as const;
  const geometry = convGeometry(c.x, shape, c.stride ?? 1, c.pad, c.dilation ?? 1, false);
  return {
    geometry,
    x: randomArray("x", c.x),
    filter: randomArray("filter", shape),
    dy: randomArray("dy", geometry.output),
  };
}

function referenceOptions({ geometry }: { geometry: ConvGeometry }) {
  const { stride, dilation, pad, output } = geometry;
  return {
    stride: stride[0],
    dilation: dilation[0],
    pad: [pad[0][0], pad[1][0]] as const,
    size: [output[1], output[2]] as const,
  };
}

for (const kind of ADAPTER_KINDS) {
  webgpuTest(
    `convolution kernels for a ${kind} adapter equal the definition`,
    () =>
      withAdapterKind(kind, async () => {
        const backend = tf.backend() as unknown as WebGpu;
        for (const c of cases) {
          const set = setUp(c), { geometry } = set;
          const want = conv2dReference(set.x, set.filter, set.dy.data, referenceOptions(set));
          const [x, filter, dy] = [set.x, set.filter, set.dy].map((array) => upload(array)) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          const got = {
            y: runConv2d(backend, x, filter, geometry),
            dx: runConvInputGradient(backend, dy, filter, geometry),
            dFilter: runConvFilterGradient(backend, x, dy, geometry),
          };
          const shapes = { y: dy.shape, dx: x.shape, dFilter: filter.shape };
          for (const key of ["y", "dx", "dFilter"] as const) {
            assertEquals(got[key].shape, shapes[key]);
            const off = error(await readInfo(got[key]), want[key]);
            assert(off <= TOLERANCE, `${describe(c)}: ${key} is off by ${off}`);
          }
          tf.dispose([x, filter, dy]);
        }
      }),
  );

  webgpuTest(
    `a filter gradient summed in parts on a ${kind} adapter is right, and the same again`,
    () =>
      withAdapterKind(kind, async () => {
        const backend = tf.backend() as unknown as WebGpu;
        for (
          const c of [
            { x: [2, 37, 41, 3], k: 3, filters: 5, stride: 2, pad: 1 },
            { x: [1, 33, 35, 8], k: 3, filters: 8, pad: 1 },
          ] satisfies Case[]
        ) {
          const set = setUp(c);
          const want = conv2dReference(set.x, set.filter, set.dy.data, referenceOptions(set));
          const [x, dy] = [upload(set.x), upload(set.dy)];
          const once = await readInfo(runConvFilterGradient(backend, x, dy, set.geometry));
          const again = await readInfo(runConvFilterGradient(backend, x, dy, set.geometry));
          assert(error(once, want.dFilter) <= TOLERANCE);
          assertEquals(again, once);
          tf.dispose([x, dy]);
        }
      }),
  );

  webgpuTest(
    `bias, residual and relu after a convolution on a ${kind} adapter equal the ops`,
    () =>
      withAdapterKind(kind, async () => {
        const backend = tf.backend() as unknown as WebGpu;
        for (const filters of [5, 8]) {
          const set = setUp({ x: [2, 7, 9, 6], k: 3, filters, pad: 1 });
          const bias = randomArray("bias", [filters]), residual = randomArray("r", set.dy.shape);
          const plain = conv2dReference(set.x, set.filter, undefined, referenceOptions(set)).y;
          const want = plain.map((y, i) =>
            Math.max(y + bias.data[i % filters]! + residual.data[i]!, 0)
          );
          const tensors = [set.x, set.filter, bias, residual].map((array) => upload(array));
          const [x, filter, b, r] = tensors as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
          const extras = { bias: b, residual: r, relu: true };
          const got = await readInfo(runConv2d(backend, x, filter, set.geometry, extras));
          assert(error(got, want) <= TOLERANCE);
          tf.dispose(tensors);
        }
      }),
  );
}

Deno.test("no block in registers is large where the compiler is slow", () => {
  const slow = (info: object) => hasSlowCompiler({ info } as GPUAdapter);
  // As Dawn for Node tells of it, and Chromium.
  assert(slow({ description: "SwiftShader driver 5.0.0", architecture: "" }));
  assert(slow({ description: "", vendor: "google", architecture: "swiftshader" }));
  assert(!slow({ description: "llvmpipe (LLVM 15.0.6, 256 bits)", architecture: "" }));
  for (const rows of [1, 36, 3136, 1e6]) {
    for (const columns of [1, 7, 21, 64, 128, 4096]) {
      const tile = chooseTile({ software: true, slowCompiler: true, rows, columns, depth: 64 });
      assert(tile.rows * tile.columns <= 32 && !tile.staged, tileName(tile));
    }
  }
});

Deno.test("every tile stays within the limits that all WebGPU devices have", () => {
  const names = new Set<string>();
  for (const software of [true, false]) {
    for (const rows of [1, 36, 3136, 1e6]) {
      for (const columns of [1, 7, 21, 64, 128, 4096]) {
        for (const depth of [1, 3, 21, 512]) {
          const tile = chooseTile({ software, rows, columns, depth });
          names.add(tileName(tile));
          assert(tile.rowLanes * tile.columnLanes <= 256);
          const outer = tile.rows * tile.rowLanes + tile.columns * tile.columnLanes + 8;
          assert(!tile.staged || 4 * tile.depth * outer <= 16 * 1024, tileName(tile));
          assertEquals([tile.rows % 4, tile.columns % 4], [0, 0]);
        }
      }
    }
  }
  assert(names.size > 8, "no choice was made");
});

import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { depthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { backends, eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error, type Reference } from "../reference.ts";

const TOLERANCE = 1e-5;

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly pad: number | "same";
}

const cases: readonly Case[] = [
  { x: [2, 7, 9, 3], k: 3, filters: 5, pad: 1 },
  { x: [1, 7, 9, 21], k: 1, filters: 3, pad: 0 },
  { x: [2, 9, 7, 5], k: 3, filters: 4, pad: 0 },
  { x: [2, 7, 9, 3], k: 3, filters: 21, stride: 2, pad: 1 },
  { x: [1, 8, 6, 5], k: 3, filters: 3, stride: 2, pad: 1 },
  { x: [2, 7, 8, 5], k: 1, filters: 3, stride: 2, pad: 0 },
  { x: [1, 8, 7, 5], k: 3, filters: 3, stride: 2, pad: "same" },
  { x: [2, 5, 5, 5], k: 3, filters: 3, stride: 3, pad: 2 },
  { x: [2, 7, 9, 5], k: 3, filters: 3, dilation: 2, pad: 2 },
  { x: [1, 9, 6, 5], k: 3, filters: 3, dilation: 4, pad: 4 },
  { x: [1, 5, 8, 3], k: 3, filters: 5, dilation: 12, pad: 12 },
  { x: [1, 11, 9, 3], k: 3, filters: 5, dilation: 2, pad: 0 },
  { x: [1, 6, 5, 3], k: 3, filters: 5, dilation: 2, pad: "same" },
  { x: [2, 4, 3, 3], k: 1, filters: 5, pad: 2 },
  { x: [1, 6, 7, 3], k: 2, filters: 5, pad: "same" },
];

function describe(c: Case): string {
  return `${c.k}x${c.k} ${c.x.join("x")}->${c.filters} stride ${c.stride ?? 1} dilation ${
    c.dilation ?? 1
  } pad ${c.pad}`;
}

/** Output size and zeros before the start of one axis. */
function axis(c: Case, length: number): { size: number; before: number } {
  const stride = c.stride ?? 1, reach = (c.dilation ?? 1) * (c.k - 1);
  if (c.pad === "same") {
    const size = Math.ceil(length / stride);
    return { size, before: Math.floor(Math.max((size - 1) * stride + reach + 1 - length, 0) / 2) };
  }
  return { size: Math.floor((length + 2 * c.pad - reach - 1) / stride) + 1, before: c.pad };
}

async function compare(
  c: Case,
  filter: Reference,
  depthwise: boolean,
  op: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
): Promise<void> {
  const rows = axis(c, c.x[1]), columns = axis(c, c.x[2]);
  const size = [rows.size, columns.size] as const;
  const outputs = depthwise ? filter.shape[2]! * filter.shape[3]! : c.filters;
  const x = randomArray(`x ${describe(c)}`, c.x);
  const dy = randomArray(`dy ${describe(c)}`, [c.x[0], ...size, outputs]);
  const want = conv2dReference(x, filter, dy.data, {
    stride: c.stride ?? 1,
    dilation: c.dilation ?? 1,
    pad: [rows.before, columns.before],
    size,
  }, depthwise);
  const before = tf.memory().numTensors;
  const [tx, tfilter, tdy] = [x, filter, dy].map((t) =>
    tf.tensor4d(Float32Array.from(t.data), t.shape as [number, number, number, number])
  );
  const y = op(tx!, tfilter!);
  const [dx, dFilter] = tf.grads((x, filter) => op(x as tf.Tensor4D, filter as tf.Tensor4D))(
    [tx!, tfilter!],
    tdy,
  );
  assertEquals(y.shape, dy.shape as number[], describe(c));
  const got = { y: await y.data(), dx: await dx!.data(), dFilter: await dFilter!.data() };
  for (const key of ["y", "dx", "dFilter"] as const) {
    const e = error(got[key], want[key]);
    assert(e <= TOLERANCE, `${describe(c)}: ${key} is off by ${e}`);
  }
  tf.dispose([tx!, tfilter!, tdy!, y, dx!, dFilter!]);
  assertEquals(tf.memory().numTensors, before, `${describe(c)} leaks`);
}

eachBackend("conv2d() and both its gradients equal the definition", async () => {
  for (const c of cases) {
    const filter = randomArray(`filter ${describe(c)}`, [c.k, c.k, c.x[3], c.filters]);
    await compare(c, filter, false, (x, f) => conv2d(x, f, c));
  }
});

Deno.test("convolutions on wasm are right for many channels, strides and dilations", async () => {
  await backends.wasm.prepare();
  for (
    const c of [
      { x: [1, 7, 9, 195], k: 3, filters: 64, pad: 1 },
      { x: [3, 9, 8, 21], k: 3, filters: 67, stride: 2, pad: 1 },
      { x: [2, 9, 8, 21], k: 3, filters: 64, stride: 2, pad: "same" },
      { x: [2, 9, 7, 8], k: 3, filters: 66, dilation: 2, pad: 2 },
      { x: [1, 9, 11, 9], k: 3, filters: 65, dilation: 4, pad: 4 },
      { x: [2, 13, 7, 11], k: 3, filters: 69, dilation: 12, pad: 12 },
      { x: [2, 7, 6, 24], k: 1, filters: 195, pad: 0 },
      { x: [1, 7, 6, 195], k: 1, filters: 3, pad: 0 },
      { x: [2, 8, 7, 27], k: 1, filters: 9, stride: 2, pad: 0 },
      { x: [1, 6, 5, 9], k: 3, filters: 71, pad: 0 },
      { x: [1, 2, 1, 9], k: 3, filters: 64, pad: 1 },
      { x: [1, 6, 5, 9], k: 2, filters: 64, pad: "same" },
    ] satisfies Case[]
  ) {
    const filter = randomArray(`filter ${describe(c)}`, [c.k, c.k, c.x[3], c.filters]);
    await compare(c, filter, false, (x, f) => conv2d(x, f, c));
    if (c.k !== 3) continue;
    const own = randomArray(`depthwise ${describe(c)}`, [c.k, c.k, c.x[3], 1]);
    await compare(c, own, true, (x, f) => depthwiseConv2d(x, f, c));
  }
});

Deno.test("gradients on wasm are right where the columns of an image are cut into several ranges", async () => {
  await backends.wasm.prepare();
  for (
    const c of [
      { x: [1, 128, 126, 32], k: 3, filters: 2, pad: 1 },
      { x: [2, 201, 199, 40], k: 3, filters: 1, stride: 2, pad: 1 },
    ] satisfies Case[]
  ) {
    const filter = randomArray(`filter ${describe(c)}`, [c.k, c.k, c.x[3], c.filters]);
    await compare(c, filter, false, (x, f) => conv2d(x, f, c));
  }
});

eachBackend("depthwiseConv2d() and both its gradients equal the definition", async () => {
  for (const c of cases) {
    const filter = randomArray(`filter ${describe(c)}`, [c.k, c.k, c.x[3], 1]);
    await compare(c, filter, true, (x, f) => depthwiseConv2d(x, f, c));
  }
});

eachBackend("depthwise gradients are right with a channel multiplier", async () => {
  for (const c of [cases[0]!, cases[3]!, cases[8]!]) {
    const filter = randomArray(`filter ${describe(c)}`, [c.k, c.k, c.x[3], 2]);
    await compare(
      c,
      filter,
      true,
      (x, f) => tf.depthwiseConv2d(x, f, c.stride ?? 1, c.pad, "NHWC", c.dilation ?? 1),
    );
  }
});

import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { depthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { backends, eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { type Case, compare, describe } from "./against_definition.ts";

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

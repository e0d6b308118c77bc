import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import type { ConvOptions } from "../../../../plugins/ops/conv/geometry.ts";
import { withBindingLimit } from "../../../binding_limit.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";
import { webgpuTest } from "./setup.ts";

function random(name: string, shape: readonly number[]): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(randomArray(name, shape).data), [...shape] as never);
}

/** Computes whole, and under a limit; gives both. */
async function both(
  bytes: number,
  compute: () => tf.Tensor,
): Promise<{ whole: tf.TypedArray; split: tf.TypedArray; shape: number[] }> {
  const whole = compute(), split = withBindingLimit(bytes, compute);
  assertEquals(split.shape, whole.shape);
  const result = { whole: await whole.data(), split: await split.data(), shape: split.shape };
  tf.dispose([whole, split]);
  return result;
}

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly options: ConvOptions;
  readonly bytes: number;
}

const cases: readonly Case[] = [
  // A wide output: conv1a, b7's last convolutions.
  { x: [1, 13, 17, 3], k: 3, filters: 21, options: { pad: 1 }, bytes: 6000 },
  { x: [2, 7, 9, 5], k: 1, filters: 33, options: { pad: 0 }, bytes: 2500 },
  // A wide input: b2, fc8.
  { x: [1, 13, 17, 21], k: 3, filters: 3, options: { pad: 1, stride: 2 }, bytes: 8000 },
  { x: [2, 12, 9, 21], k: 1, filters: 3, options: { pad: 0, stride: 2 }, bytes: 3000 },
  { x: [1, 12, 9, 21], k: 3, filters: 3, options: { pad: "same", stride: 2 }, bytes: 4000 },
  { x: [2, 11, 9, 13], k: 1, filters: 2, options: { pad: 0 }, bytes: 1500 },
  // Both, and rows far apart.
  { x: [2, 23, 7, 9], k: 3, filters: 11, options: { pad: 2, dilation: 2 }, bytes: 3600 },
  { x: [1, 31, 5, 8], k: 3, filters: 8, options: { pad: 4, dilation: 4 }, bytes: 2700 },
  { x: [2, 9, 8, 5], k: 3, filters: 9, options: { pad: 0 }, bytes: 1700 },
];

for (const { x, k, filters, options, bytes } of cases) {
  const name = `${k}x${k} ${x.join("x")} to ${filters} ${JSON.stringify(options)}`;
  webgpuTest(`a convolution above the binding limit is the same: ${name}`, async () => {
    const image = random("x", x), filter = random("filter", [k, k, x[3], filters]);
    const { whole, split, shape } = await both(bytes, () => conv2d(image, filter, options));
    assert(
      4 * Math.max(image.size, shape.reduce((a, b) => a * b)) > bytes,
      "nothing needed splitting",
    );
    assert(error(split, whole) < 1e-6);
    tf.dispose([image, filter]);
  });
}

webgpuTest("relu, sum and batch norm above the binding limit are the same to the bit", async () => {
  const [a, b] = [random("a", [2, 5, 7, 21]), random("b", [2, 5, 7, 21])];
  const [mean, offset] = [random("mean", [1, 1, 1, 21]), random("offset", [1, 1, 1, 21])];
  const scale = tf.abs(mean);
  const operations: Record<string, () => tf.Tensor> = {
    relu: () => tf.relu(a),
    sum: () => tf.add(a, b),
    double: () => tf.add(a, a),
    "batch norm": () => {
      const vectors = [mean, scale, offset, scale].map((t) => t.reshape<tf.Tensor1D>([21]));
      const y = tf.batchNorm(a, vectors[0]!, vectors[1]!, vectors[2]!, vectors[3]!, 1e-5);
      tf.dispose(vectors);
      return y;
    },
    "relu of a vector": () => {
      const flat = a.flatten(), y = tf.relu(flat);
      flat.dispose();
      return y;
    },
  };
  for (const [name, compute] of Object.entries(operations)) {
    const { whole, split } = await both(1000, compute);
    assertEquals(split, whole, name);
  }
  tf.dispose([a, b, mean, offset, scale]);
});

webgpuTest("what cannot be split is refused by name", async () => {
  const [image, filter, row] = [
    random("x", [1, 9, 17, 21]),
    random("f", [3, 3, 21, 3]),
    tf.zeros([21]),
  ];
  const [tall, wide] = [random("tall", [1, 60, 5, 21]), random("wide", [3, 3, 21, 50])];
  withBindingLimit(4000, () => {
    // Three rows of the input, which one row of the output reads, are more than can be bound.
    assertThrows(() => conv2d(image, filter, { pad: 1 }), RangeError, "binds at most 4000");
    assertThrows(() => conv2d(tall, wide, { pad: 1 }), RangeError, "binds at most 4000");
    assertThrows(() => tf.add(image, row), RangeError, "binds at most 4000");
    assertThrows(() => tf.square(image), RangeError, "binds at most 4000");
  });
  tf.dispose([image, filter, tall, wide, row]);
  await Promise.resolve();
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { bnReluConv2d } from "../../../../plugins/ops/bn_relu_conv/bn_relu_conv2d.ts";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { convGeometry, type ConvOptions } from "../../../../plugins/ops/conv/geometry.ts";
import { storedInHalf, storingActivations } from "../../../../plugins/ops/precision.ts";
import { unscale } from "../../../../core/trainer/loss_scale.ts";
import { narrow } from "../../../../plugins/ops/webgpu/half.wgsl.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import type { GuardedWebGPUBackend } from "../../../../plugins/backends/guarded_webgpu.ts";
import { withBindingLimit } from "../../../binding_limit.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error } from "../reference.ts";
import { halfTest, halves, ROUNDING } from "./half_setup.ts";
import { readInfo, upload } from "./setup.ts";

halfTest("narrow() rounds to the nearest half, ties to even, as IEEE 754 says", async () => {
  const values = [0, -0, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 1.001 * 2 ** -11, 65504, 65519.9];
  values.push(65520, -70000, 1e30, Infinity, -Infinity, NaN, 6.2e-5, -1e-3, 3.14159);
  const { data } = randomArray("values", [4000]);
  values.push(
    ...data.map((value, i) => value * 2 ** (i % 24 - 12)).filter((value) =>
      // Below lie halves with fewer bits, which a device may round to the neighbour.
      Math.abs(value) > 2 ** -14
    ),
  );
  values.length -= values.length % 4;
  const floats = tf.tensor1d(values);
  const got = await readInfo(narrow(tf.backend() as unknown as WebGpu, floats));
  assertEquals([...got], [...new Float16Array(values.map(Math.fround))]);
  floats.dispose();
});

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly options: ConvOptions & { readonly pad: number };
}

const CASES: readonly Case[] = [
  { x: [2, 7, 9, 4], k: 3, filters: 8, options: { pad: 1, stride: 2 } },
  { x: [1, 9, 7, 12], k: 3, filters: 40, options: { pad: 4, dilation: 4 } },
  { x: [2, 5, 6, 8], k: 1, filters: 68, options: { pad: 0 } },
  // Neither x nor the result can be stored in float16.
  { x: [1, 5, 6, 3], k: 3, filters: 5, options: { pad: 1 } },
  // The one can, the other not.
  { x: [1, 5, 7, 3], k: 3, filters: 8, options: { pad: 1 } },
  { x: [1, 5, 7, 16], k: 1, filters: 21, options: { pad: 0 } },
];

for (const kind of ADAPTER_KINDS) {
  halfTest(
    `in float16, convolutions and their gradients are the definition's, rounded once [${kind}]`,
    () =>
      withAdapterKind(kind, async () => {
        // A GPU's kernels take long to compile here, and read and write as the others do.
        const cases = kind === "gpu" ? CASES.filter((_, i) => i % 2 === 1) : CASES;
        for (const c of cases) await compareConvolution(c);
      }),
  );
}

async function compareConvolution({ x: shape, k, filters, options }: Case): Promise<void> {
  const what = JSON.stringify([shape, k, filters, options]);
  const channels = shape[3], { stride = 1, dilation = 1, pad } = options;
  const geometry = convGeometry(shape, [k, k, channels, filters], stride, pad, dilation, false);
  const x = halves("x", shape), filter = halves("filter", [k, k, channels, filters]);
  const dy = halves("dy", geometry.output);
  const [tx, tfilter, tdy] = [x, filter, dy].map((array) => upload(array)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const one = tf.ones<tf.Rank.R1>([channels]), zero = tf.zeros<tf.Rank.R1>([channels]);
  const size = [geometry.output[1], geometry.output[2]] as const;
  const how = { stride, dilation, pad: [pad, pad], size } as const;
  const activated = { ...x, data: x.data.map((value) => Math.max(value, 0)) };
  const plain = conv2dReference(x, filter, dy.data, how);
  const rectified = conv2dReference(activated, filter, dy.data, how);
  const dx = rectified.dx.map((value, i) => x.data[i]! > 0 ? value : 0);
  const wants = [
    [(map, weights) => conv2d(map, weights, options), plain],
    [(map, weights) => bnReluConv2d(map, one, zero, weights, options), { ...rectified, dx }],
  ] as const satisfies readonly (readonly [
    (map: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor4D,
    typeof plain,
  ])[];
  for (const [op, want] of wants) {
    // Adding 0 stores the input in float16 where its channels allow.
    const run = (map: tf.Tensor4D, weights: tf.Tensor4D) =>
      storingActivations(() => op(tf.add<tf.Tensor4D>(map, 0), weights));
    const { value, grads: [dMap, dFilter] } = tf.valueAndGrads((map, weights) =>
      tf.sum(tf.mul(run(map as tf.Tensor4D, weights as tf.Tensor4D), tdy))
    )([tx, tfilter]);
    const y = tf.tidy(() => run(tx, tfilter));
    assertEquals(storedInHalf(y), filters % 4 === 0, what);
    for (const [key, got] of [["y", y], ["dx", dMap!], ["dFilter", dFilter!]] as const) {
      const off = error(await got.data(), want[key]);
      assert(off <= ROUNDING, `${what}: ${key} is off by ${off}`);
    }
    tf.dispose([value, dMap!, dFilter!, y]);
  }
  tf.dispose([tx, tfilter, tdy, one, zero]);
}

halfTest("in float16, frozen batch norm, sums and channel masks are rounded once", async () => {
  const shape = [2, 3, 5, 8] as const;
  const a = halves("a", shape), b = halves("b", shape), mask = halves("mask", [2, 1, 1, 8]);
  const [ta, tb, tmask] = [a, b, mask].map((array) => upload(array)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const wants = {
    add: a.data.map((value, i) => value + b.data[i]!),
    mask: a.data.map((value, i) => value * mask.data[Math.floor(i / 120) * 8 + i % 8]!),
    relu: a.data.map((value) => Math.max(value, 0)),
    pool: undefined,
  };
  const got = tf.tidy(() =>
    storingActivations(() => ({
      add: tf.add(ta, tb),
      mask: tf.mul(ta, tmask),
      relu: tf.relu(ta),
      pool: tf.maxPool(ta, 2, 1, "valid"),
    }))
  );
  for (const [name, tensor] of Object.entries(got)) {
    assert(storedInHalf(tensor), name);
    const want = wants[name as keyof typeof wants];
    const off = want === undefined ? 0 : error(await tensor.data(), want);
    assert(off <= ROUNDING, `${name} is off by ${off}`);
  }
  // Kernels that know of no halves see the same values, and give floats.
  const column = tf.tidy(() => tf.concat([got.relu, got.relu], 1).transpose([0, 3, 1, 2]).sum());
  assert(!storedInHalf(column));
  const sum = 2 * wants.relu.reduce((total, value) => total + value, 0);
  assert(Math.abs((await column.data())[0]! - sum) <= 1e-3 * sum);
  tf.dispose([got, column, ta, tb, tmask]);
});

halfTest(
  "a tensor in float16 takes half the memory, and what passes gradients to it does so too",
  async () => {
    const x = tf.ones<tf.Rank.R4>([1, 64, 64, 16]);
    const filter = tf.ones<tf.Rank.R4>([1, 1, 16, 16]);
    const convolve = (map: tf.Tensor) => conv2d(map as tf.Tensor4D, filter, { pad: 0 });
    const used = async () => {
      // Buffers are free when what uses them was handed over.
      await (tf.backend() as unknown as GuardedWebGPUBackend).check();
      return (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    };
    await x.data();
    const map = tf.tidy(() => storingActivations(() => convolve(x)));
    const dx = tf.grad((input) => tf.sum(convolve(input)))(map);
    assertEquals([storedInHalf(map), storedInHalf(dx)], [true, true]);
    const before = await used();
    tf.dispose([map, dx]);
    assertEquals(before - await used(), 2 * 64 * 64 * 16 * 2);
    tf.dispose([x, filter]);
  },
);

halfTest("maps above the binding limit are split in float16 as in float", async () => {
  const x = halves("x", [1, 24, 20, 8]), filter = halves("filter", [3, 3, 8, 12]);
  const [tx, tfilter] = [upload<tf.Tensor4D>(x), upload<tf.Tensor4D>(filter)];
  const run = () =>
    tf.tidy(() =>
      storingActivations(() => {
        const map = tf.relu(conv2d(tf.relu(tx), tfilter, { pad: 1 }));
        return tf.add(map, map) as tf.Tensor4D;
      })
    );
  const whole = run(), parts = withBindingLimit(11_000, run);
  assertEquals([storedInHalf(whole), storedInHalf(parts)], [true, true]);
  assertEquals(await parts.data(), await whole.data());
  tf.dispose([tx, tfilter, whole, parts]);
});

halfTest(
  "maps above the binding limit whose channels are odd by now are split in fours",
  async () => {
    const x = halves("x", [1, 1001, 4, 3]), [mean, variance] = [tf.zeros([3]), tf.ones([3])];
    const given = upload<tf.Tensor4D>(x);
    // As a head may reshape a tap: half, but its last axis is no multiple of 4.
    const map = tf.tidy(() =>
      storingActivations(() => tf.relu(given.reshape<tf.Tensor4D>([1, 1001, 3, 4]))).reshape<
        tf.Tensor4D
      >(x.shape as [number, number, number, number])
    );
    assert(storedInHalf(map));
    const run = () =>
      tf.tidy(() => [tf.batchNorm(map, mean, variance, undefined, undefined, 0), tf.relu(map)]);
    const whole = run(), parts = withBindingLimit(20_000, run);
    for (const [i, tensor] of whole.entries()) {
      assertEquals(await parts[i]!.data(), await tensor.data());
    }
    tf.dispose([given, map, whole, parts, mean, variance]);
  },
);

halfTest(
  "heads and losses add and multiply in float32, what passes back to a map does not",
  async () => {
    const given = tf.fill<tf.Rank.R4>([1, 2, 2, 4], 300);
    const map = tf.tidy(() => storingActivations(() => tf.relu(given)));
    const product = tf.mul(map, map);
    assertEquals([storedInHalf(map), storedInHalf(product)], [true, false]);
    assertEquals((await product.data())[0], 90_000);
    // Two paths back to the map: their sum is stored as it is.
    const sum = tf.grad((x) => tf.sum(tf.add(tf.relu(x), tf.mul(tf.relu(x), 2))));
    const filter = tf.ones<tf.Rank.R4>([1, 1, 4, 4]);
    const both = tf.grad((x) => {
      const branch = (weight: number) =>
        tf.sum(tf.mul(conv2d(x as tf.Tensor4D, filter, { pad: 0 }), weight));
      return tf.add(branch(1), branch(2));
    })(map);
    assert(storedInHalf(both));
    assertEquals((await both.data())[0], 12);
    const simple = sum(map);
    assertEquals((await simple.data())[0], 3);
    tf.dispose([given, map, product, both, simple, filter]);
  },
);

halfTest("a loss scale reaches the gradient of a parameter that is a map itself", async () => {
  const factor = 65536, tiny = 5e-9;
  const given = tf.ones<tf.Rank.R4>([1, 4, 4, 8]),
    position = tf.tidy(() => tf.variable(tf.ones([1, 4, 4, 8])));
  const { grads, value } = tf.variableGrads(() => {
    const map = storingActivations(() => tf.mul(tf.relu(given), position));
    return tf.mul(tf.sum(map), tiny * factor);
  }, [position]);
  const { position: gradient } = unscale({ position: grads[position.name]! }, factor);
  assert(!storedInHalf(gradient!));
  const off = Math.abs((await gradient!.data())[0]! - tiny) / tiny;
  assert(off < ROUNDING, `${off}`);
  position.dispose();
  tf.dispose([given, gradient!, value]);
});

halfTest("vectors by channel may be stored in float16", async () => {
  const given = tf.tensor4d([0.5, 2, 1, 3, 0.25, 1, 1, 2], [1, 2, 1, 4]);
  const [vectors, x] = tf.tidy(() => [
    storingActivations(() => tf.relu(given)).reshape([8]).slice(0, 4),
    storingActivations(() => tf.relu(given)),
  ]) as [tf.Tensor1D, tf.Tensor4D];
  const half = tf.tidy(() => storingActivations(() => tf.relu(given)).reshape([8])) as tf.Tensor1D;
  const wide = tf.ones<tf.Rank.R4>([1, 2, 1, 8]), filter = tf.ones<tf.Rank.R4>([1, 1, 8, 4]);
  assert(storedInHalf(half));
  const y = bnReluConv2d(wide, half, half, filter, { pad: 0 });
  assertEquals((await y.data())[0], 2 * 10.75);
  tf.dispose([given, vectors, x, half, wide, filter, y]);
});

halfTest(
  "what was read of a tensor in float16 can be read again at once, and before it cannot",
  async () => {
    const given = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 4]);
    const map = tf.tidy(() => storingActivations(() => tf.relu(given)));
    assertThrows(() => map.dataSync(), Error, "await its data()");
    assertEquals(await map.data(), await given.data());
    assertEquals(map.dataSync(), await given.data());
    tf.dispose([given, map]);
  },
);

halfTest("a kernel that refuses leaves no weights in float16 behind", async () => {
  // One row of the result is more than can be bound.
  const x = tf.ones<tf.Rank.R4>([1, 2, 64, 8]), filter = tf.ones<tf.Rank.R4>([1, 1, 8, 8]);
  await x.data();
  const before = tf.backend().numDataIds();
  assertThrows(() =>
    withBindingLimit(
      1000,
      () => tf.tidy(() => storingActivations(() => conv2d(x, filter, { pad: 0 }))),
    ), RangeError);
  assertEquals(tf.backend().numDataIds(), before);
  tf.dispose([x, filter]);
});

import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { convGeometry } from "../../../../plugins/ops/conv/geometry.ts";
import { depthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.ts";
import { depthwiseFilterGradient } from "../../../../plugins/ops/depthwise/filter_gradient.ts";
import { depthwiseInputGradient } from "../../../../plugins/ops/depthwise/input_gradient.ts";
import { storedInHalf, storingActivations } from "../../../../plugins/ops/precision.ts";
import type { GuardedWebGPUBackend } from "../../../../plugins/backends/guarded_webgpu.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { conv2dReference, error } from "../reference.ts";
import { halfTest, halves, ROUNDING } from "./half_setup.ts";
import { upload } from "./setup.ts";

interface DepthwiseCase {
  readonly x: readonly [number, number, number, number];
  readonly multiplier?: number;
  readonly stride?: number;
  readonly dilation?: number;
}

const DEPTHWISE: readonly DepthwiseCase[] = [
  { x: [2, 7, 9, 8] },
  { x: [1, 9, 7, 12], stride: 2 },
  { x: [1, 11, 13, 4], dilation: 2 },
  { x: [2, 9, 10, 20], dilation: 4 },
  // Neither can be stored in float16; the result alone; both, but with filters that do not lie in fours.
  { x: [1, 5, 6, 3] },
  { x: [1, 6, 5, 2], multiplier: 2 },
  { x: [2, 7, 5, 4], multiplier: 2, stride: 2 },
];

for (const kind of ADAPTER_KINDS) {
  halfTest(
    `in float16, depthwise convolutions and their gradients are the definition's, rounded once [${kind}]`,
    () =>
      withAdapterKind(kind, async () => {
        for (const c of DEPTHWISE) await compareDepthwise(c);
      }),
  );
}

async function compareDepthwise(c: DepthwiseCase): Promise<void> {
  const { x: shape, multiplier = 1, stride = 1, dilation = 1 } = c, what = JSON.stringify(c);
  const channels = shape[3], pad = dilation, filterShape = [3, 3, channels, multiplier];
  const geometry = convGeometry(shape, filterShape, stride, pad, dilation, true);
  const x = halves("x", shape), filter = halves("filter", filterShape);
  const dy = halves("dy", geometry.output);
  const size = [geometry.output[1], geometry.output[2]] as const;
  const how = { stride, dilation, pad: [pad, pad], size } as const;
  const want = conv2dReference(x, filter, dy.data, how, true);
  const [tx, tfilter, tdy] = [x, filter, dy].map((array) => upload(array)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const map = tf.tidy(() => storingActivations(() => tf.add<tf.Tensor4D>(tx, 0)));
  const run = (map: tf.Tensor, weights: tf.Tensor) =>
    storingActivations(() =>
      depthwiseConv2d(map as tf.Tensor4D, weights as tf.Tensor4D, { stride, dilation, pad })
    );
  const { value, grads: [dMap, dFilter] } = tf.valueAndGrads((map, weights) =>
    tf.sum(tf.mul(run(map, weights), tdy))
  )([map, tfilter]);
  const y = run(map, tfilter);
  const even = channels % 4 === 0, evenResult = channels * multiplier % 4 === 0;
  assertEquals([map, y, dMap!].map(storedInHalf), [even, evenResult, even], what);
  for (const [key, got] of [["y", y], ["dx", dMap!], ["dFilter", dFilter!]] as const) {
    const off = error(await got.data(), want[key]);
    assert(off <= ROUNDING, `${what}: ${key} is off by ${off}`);
  }
  tf.dispose([value, map, dMap!, dFilter!, y, tx, tfilter, tdy]);
}

halfTest("what reads and writes halves runs in one kernel", async () => {
  const given = tf.ones<tf.Rank.R4>([2, 5, 7, 8]), filter = tf.ones<tf.Rank.R4>([3, 3, 8, 1]);
  const row = tf.fill([8], 3), lined = tf.fill([1, 1, 1, 8], 3), mask = tf.fill([2, 1, 1, 8], 3);
  const map = tf.tidy(() => storingActivations(() => tf.add(given, 0))) as tf.Tensor4D;
  const depthwise = () => depthwiseConv2d(map, filter, { pad: 1 });
  const ops: Record<string, () => tf.Tensor> = {
    depthwise,
    relu: () => tf.relu(map),
    relu6: () => tf.relu6(map),
    "a map": () => tf.add(map, given),
    "a row": () => tf.mul(map, row),
    "a row with ones": () => tf.add(lined, map),
    "a mask": () => tf.mul(map, mask),
    "a number": () => tf.mul(3, map),
  };
  for (const [name, op] of Object.entries(ops)) {
    assertEquals(programsOf(() => storingActivations(op)).length, 1, `${name}, in float16`);
    assertEquals(programsOf(op).length, 1, `${name} of halves, in float`);
  }
  for (const stride of [1, 2]) {
    const geometry = convGeometry(map.shape, filter.shape, stride, 1, 1, true);
    const dy = tf.tidy(() =>
      storingActivations(() => tf.add<tf.Tensor4D>(tf.ones([...geometry.output]), 0))
    );
    const dx = programsOf(() => depthwiseInputGradient(dy, filter, geometry, true));
    assertEquals(dx.length, 1);
    // A GPU may sum in parts.
    const dFilter = programsOf(() => depthwiseFilterGradient(map, dy, geometry));
    assertEquals(
      dFilter.filter((key) =>
        !key.startsWith("SeamstressDepthwise") && !key.startsWith("SeamstressSum")
      ),
      [],
    );
    dy.dispose();
  }
  await map.data();
  tf.dispose([given, filter, row, lined, mask, map]);
});

/** Names of the programs that something runs, conversions and all. */
function programsOf(run: () => tf.Tensor): string[] {
  const backend = tf.backend() as unknown as GuardedWebGPUBackend;
  const { runWebGPUProgram } = backend;
  const names: string[] = [];
  backend.runWebGPUProgram = (...args) => {
    names.push(args[0].shaderKey);
    return runWebGPUProgram.apply(backend, args);
  };
  try {
    run().dispose();
  } finally {
    Reflect.deleteProperty(backend, "runWebGPUProgram");
  }
  return names;
}

halfTest("in float16, sums, products and rectifiers meet what they meet in float", async () => {
  const map = halves("map", [2, 3, 5, 8]);
  map.data[3] = NaN;
  const others = [[2, 3, 5, 8], [8], [1, 8], [1, 1, 1, 8], [2, 1, 1, 8], [1], [], [1, 1, 1, 1]];
  // Met by tfjs's kernels.
  const rest = [[5, 8], [5, 1], [2, 1, 1, 1], [3, 1, 1], [1, 3, 5, 8]];
  const given = upload<tf.Tensor4D>(map);
  const x = tf.tidy(() => storingActivations(() => tf.add<tf.Tensor4D>(given, 0)));
  const uploaded = [...others, ...rest].map((shape) => upload(halves("other", shape)));
  const ops = [
    ...uploaded.flatMap((other) => {
      const { shape } = other;
      return [
        [`+ [${shape}]`, (map: tf.Tensor) => tf.add(map, other)],
        [`[${shape}] *`, (map: tf.Tensor) => tf.mul(other, map)],
      ] as const;
    }),
    ["relu", (map: tf.Tensor) => tf.relu(map)],
    ["relu6", (map: tf.Tensor) => tf.relu6(tf.mul(map, 8))],
  ] as const;
  for (const [name, op] of ops) {
    const want = tf.tidy(() => op(given)), floats = tf.tidy(() => op(x));
    const half = tf.tidy(() => storingActivations(() => op(x)));
    assertEquals([storedInHalf(floats), storedInHalf(half)], [false, true], name);
    const wanted = await want.data(), got = await half.data();
    assertEquals(await floats.data(), wanted, name);
    assert(Number.isNaN(got[3]), name);
    const off = error(got.with(3, 0), wanted.with(3, 0));
    assert(off <= ROUNDING, `${name} is off by ${off}`);
    tf.dispose([want, floats, half]);
  }
  tf.dispose([given, x, uploaded]);
});

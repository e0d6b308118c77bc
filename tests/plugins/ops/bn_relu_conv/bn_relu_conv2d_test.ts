import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { bnReluConv2d } from "../../../../plugins/ops/bn_relu_conv/bn_relu_conv2d.ts";
import { convGeometry, type ConvOptions } from "../../../../plugins/ops/conv/geometry.ts";
import { eachBackend } from "../../../backends.ts";
import { withBindingLimit } from "../../../binding_limit.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error, type Reference } from "../reference.ts";
import { upload, webgpuTest } from "../webgpu/setup.ts";

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly options: ConvOptions & { readonly pad: number };
}

const cases: readonly Case[] = [
  { x: [2, 7, 9, 5], k: 3, filters: 6, options: { pad: 1, stride: 2 } },
  { x: [1, 9, 7, 12], k: 3, filters: 8, options: { pad: 2, dilation: 2 } },
  { x: [2, 5, 6, 8], k: 1, filters: 12, options: { pad: 0, stride: 2 } },
];

/** Value and gradients by their definition, in float64. */
function reference(c: Case) {
  const channels = c.x[3], filterShape = [c.k, c.k, channels, c.filters];
  const { stride = 1, dilation = 1, pad } = c.options;
  const geometry = convGeometry(c.x, filterShape, stride, pad, dilation, false);
  const x = randomArray("x", c.x), filter = randomArray("filter", filterShape);
  const scale = randomArray("scale", [channels]), shift = randomArray("shift", [channels]);
  const residual = randomArray("residual", geometry.output);
  const dy = randomArray("dy", geometry.output);
  const before = x.data.map((v, i) => scale.data[i % channels]! * v + shift.data[i % channels]!);
  const activated: Reference = { shape: c.x, data: before.map((v) => Math.max(v, 0)) };
  const size = [geometry.output[1], geometry.output[2]] as const;
  const conv = conv2dReference(activated, filter, dy.data, {
    stride,
    dilation,
    pad: [pad, pad],
    size,
  });
  return {
    inputs: { x, scale, shift, filter, residual, dy },
    want: {
      y: conv.y.map((v, i) => v + residual.data[i]!),
      dx: conv.dx.map((v, i) => before[i]! > 0 ? v * scale.data[i % channels]! : 0),
      dFilter: conv.dFilter,
      dResidual: dy.data,
    },
  };
}

async function compare(c: Case): Promise<void> {
  const { inputs, want } = reference(c);
  const x = upload<tf.Tensor4D>(inputs.x), filter = upload<tf.Tensor4D>(inputs.filter);
  const scale = upload<tf.Tensor1D>(inputs.scale), shift = upload<tf.Tensor1D>(inputs.shift);
  const residual = upload<tf.Tensor4D>(inputs.residual), dy = upload(inputs.dy);
  const op = (x: tf.Tensor, filter: tf.Tensor, residual: tf.Tensor) =>
    bnReluConv2d(x as tf.Tensor4D, scale, shift, filter as tf.Tensor4D, {
      ...c.options,
      residual: residual as tf.Tensor4D,
    });
  const { value, grads } = tf.valueAndGrads((...args) =>
    tf.sum(tf.mul(op(...args as [tf.Tensor, tf.Tensor, tf.Tensor]), dy))
  )([x, filter, residual]);
  const y = op(x, filter, residual);
  const got = { y, dx: grads[0]!, dFilter: grads[1]!, dResidual: grads[2]! };
  for (const key of ["y", "dx", "dFilter", "dResidual"] as const) {
    const off = error(await got[key].data(), want[key]);
    assert(off <= 1e-5, `${JSON.stringify(c)}: ${key} is off by ${off}`);
  }
  tf.dispose([x, filter, scale, shift, residual, dy, value, y, grads]);
}

eachBackend("bnReluConv2d() and its gradients equal the definition", async () => {
  const { numTensors } = tf.memory();
  for (const c of cases) await compare(c);
  assertEquals(tf.memory().numTensors, numTensors);
});

for (const kind of ADAPTER_KINDS) {
  webgpuTest(
    `bnReluConv2d() for a ${kind} adapter equals the definition`,
    () =>
      withAdapterKind(kind, async () => {
        for (const c of cases) await compare(c);
      }),
  );
}

webgpuTest("bnReluConv2d() keeps x for the backward pass and writes no other map", async () => {
  const { inputs } = reference(cases[1]!);
  const x = upload<tf.Tensor4D>(inputs.x), filter = upload<tf.Tensor4D>(inputs.filter);
  const scale = upload<tf.Tensor1D>(inputs.scale), shift = upload<tf.Tensor1D>(inputs.shift);
  const written: number[] = [];
  const backend = tf.backend() as unknown as {
    runWebGPUProgram(program: { outputShape: number[] }, ...rest: unknown[]): unknown;
  };
  const own = backend.runWebGPUProgram;
  backend.runWebGPUProgram = function (program, ...rest) {
    written.push(program.outputShape.reduce((a, b) => a * b, 1));
    return own.call(this, program, ...rest);
  };
  try {
    tf.dispose(
      tf.grads((x, filter) =>
        bnReluConv2d(x as tf.Tensor4D, scale, shift, filter as tf.Tensor4D, cases[1]!.options)
      )([x, filter]),
    );
  } finally {
    Reflect.deleteProperty(backend, "runWebGPUProgram");
  }
  // x's own gradient is the one array of its size.
  assertEquals(written.filter((size) => size === x.size).length, 1);
  tf.dispose([x, filter, scale, shift]);
  await Promise.resolve();
});

webgpuTest("bnReluConv2d() above the binding limit is the same", async () => {
  const { inputs } = reference({ x: [2, 23, 7, 9], k: 3, filters: 11, options: { pad: 1 } });
  const x = upload<tf.Tensor4D>(inputs.x), filter = upload<tf.Tensor4D>(inputs.filter);
  const scale = upload<tf.Tensor1D>(inputs.scale), shift = upload<tf.Tensor1D>(inputs.shift);
  const residual = upload<tf.Tensor4D>(inputs.residual);
  const compute = () => bnReluConv2d(x, scale, shift, filter, { pad: 1, residual });
  const whole = compute(), split = withBindingLimit(4000, compute);
  assert(4 * x.size > 4000);
  assert(error(await split.data(), await whole.data()) < 1e-6);
  tf.dispose([x, filter, scale, shift, residual, whole, split]);
});

import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertLess } from "@std/assert";
import { type SgdParameter, sgdUpdate } from "../../../../plugins/ops/sgd_update/sgd_update.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

/** More than go into a dispatch, of sizes that are multiples of 4 and others, more than a workgroup updates and fewer. */
const SIZES = [1, 3, 64, 1000, 4099, 5, 21, 195, 4, 8, 12, 2052, 7, 16, 20, 24, 28, 9001, 32, 36];

function variable(name: string, size: number): tf.Variable {
  return tf.tidy(() => tf.variable(upload(name, size), false));
}

function upload(name: string, size: number): tf.Tensor {
  return tf.tensor1d(Float32Array.from(randomArray(name, [size]).data));
}

/** Parameters with rates and decays that differ, some 0. */
function parameters(remembers: boolean): SgdParameter[] {
  return SIZES.map((size, i) => ({
    variable: variable(`w ${i}`, size),
    gradient: upload(`g ${i}`, size),
    momentum: remembers ? variable(`m ${i}`, size) : undefined,
    rate: i % 5 === 0 ? 0 : 0.1 * i,
    weightDecay: i % 3 === 0 ? 0 : 0.01 * i,
  }));
}

const disposeAll = (all: readonly SgdParameter[]) =>
  tf.dispose(all.flatMap(({ variable, gradient, momentum }) => [variable, gradient, momentum!]));

eachBackend("sgdUpdate() equals its equation for many parameters of all sizes", async () => {
  const before = tf.memory().numTensors;
  for (const stays of [undefined, 0.9, 0]) {
    const all = parameters(stays !== undefined);
    const kept = tf.memory().numTensors;
    // Twice: the second finds what the first left.
    for (const _ of [1, 2]) sgdUpdate(all, stays ?? 0.5);
    assertEquals(tf.memory().numTensors, kept);
    for (const [i, { variable, momentum, rate, weightDecay }] of all.entries()) {
      const size = SIZES[i]!;
      const w = [...randomArray(`w ${i}`, [size]).data].map(Math.fround);
      const m = [...randomArray(`m ${i}`, [size]).data].map(Math.fround);
      const g = [...randomArray(`g ${i}`, [size]).data].map(Math.fround);
      for (const _ of [1, 2]) {
        for (let at = 0; at < size; at++) {
          m[at] = (stays ?? 0) * m[at]! + g[at]! + weightDecay * w[at]!;
          w[at]! -= rate * m[at]!;
        }
      }
      assertLess(error(await variable.data(), w), 1e-6, `variable of ${size}`);
      if (momentum) assertLess(error(await momentum.data(), m), 1e-6, `momentum of ${size}`);
    }
    disposeAll(all);
  }
  assertEquals(tf.memory().numTensors, before);
});

eachBackend(
  "sgdUpdate() changes no tensor that others hold, and nothing that was read",
  async () => {
    const a = variable("a", 12), b = variable("b", 7), c = variable("c", 5);
    const old = { a: await a.data(), b: await b.data(), c: await c.data() };
    // One shares its elements with another tensor, one with its own gradient, one was read and is its gradient.
    const clone = a.clone(), own = b.clone();
    sgdUpdate([
      { variable: a, gradient: clone, rate: 0.5, weightDecay: 0 },
      { variable: b, gradient: own, rate: 0.25, weightDecay: 0 },
      { variable: c, gradient: c, rate: 0.125, weightDecay: 0 },
    ], 0);
    assertEquals(await clone.data(), old.a);
    assertEquals(await own.data(), old.b);
    assertEquals(await a.data(), old.a.map((value) => value * 0.5));
    assertEquals(await b.data(), old.b.map((value) => value * 0.75));
    assertEquals(await c.data(), old.c.map((value) => value * 0.875));
    tf.dispose([a, b, c, clone, own]);
  },
);

eachBackend("sgdUpdate() takes parameters that share a gradient", async () => {
  const all = [0, 1].map(() => tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3, 4]), false)));
  const gradient = tf.tensor1d([4, 3, 2, 1]);
  sgdUpdate(all.map((variable) => ({ variable, gradient, rate: 0.5, weightDecay: 0 })), 0);
  for (const variable of all) assertEquals([...await variable.data()], [-1, 0.5, 2, 3.5]);
  tf.dispose([...all, gradient]);
});

eachBackend("sgdUpdate() leaves terms of factor 0 out, whatever they hold", async () => {
  const w = tf.tidy(() => tf.variable(tf.tensor1d([Infinity, 1, NaN, 2]), false));
  const m = tf.tidy(() => tf.variable(tf.tensor1d([NaN, Infinity, 0, 0]), false));
  const g = tf.tensor1d([1, 2, 3, Infinity]);
  sgdUpdate([{ variable: w, gradient: g, momentum: m, rate: 0, weightDecay: 0 }], 0);
  assertEquals([...await m.data()], [1, 2, 3, Infinity]);
  assertEquals([...await w.data()], [Infinity, 1, NaN, 2]);
  tf.dispose([w, m, g]);
});

eachBackend("sgdUpdate() takes no memory on webgpu", async (backend) => {
  const all = parameters(true);
  sgdUpdate(all, 0.9);
  if (backend !== "webgpu") return disposeAll(all);
  const used = () => {
    const { bufferManager } = tf.backend() as unknown as {
      readonly bufferManager: { readonly usedBuffers: ReadonlyMap<string, readonly GPUBuffer[]> };
    };
    return new Set(
      [...bufferManager.usedBuffers.values()].flat()
        .filter(({ usage }) => (usage & GPUBufferUsage.STORAGE) !== 0),
    );
  };
  // Submits: what was disposed is free then.
  await all[0]!.variable.data();
  const before = used();
  sgdUpdate(all, 0.9);
  assertEquals(used(), before);
  assert(before.size >= 3 * SIZES.length);
  disposeAll(all);
});

eachBackend(
  "on wasm and cpu sgdUpdate() has the bits of the operations that it stands for",
  async (backend) => {
    if (backend === "webgpu") return;
    const all = parameters(true), stays = 0.9;
    const wanted = all.map(({ variable, gradient, momentum, rate, weightDecay }) => {
      const decayed = weightDecay === 0
        ? gradient
        : tf.add(tf.mul(variable, weightDecay), gradient);
      const change = tf.add(decayed, tf.mul(momentum!, stays));
      return [rate === 0 ? variable.clone() : tf.add(variable, tf.mul(change, -rate)), change];
    });
    sgdUpdate(all, stays);
    for (const [i, { variable, momentum }] of all.entries()) {
      const [w, m] = wanted[i]!;
      assertEquals(await variable.data(), await w!.data(), `variable of ${SIZES[i]}`);
      assertEquals(await momentum!.data(), await m!.data(), `momentum of ${SIZES[i]}`);
    }
    tf.dispose(wanted);
    disposeAll(all);
  },
);

eachBackend(
  "what was computed from a parameter before its update is computed anew behind it",
  async () => {
    const filters = [[5, 5, 4, 1], [3, 3, 4, 2]].map((shape) => {
      return tf.tidy(() =>
        tf.variable(upload("f", tf.util.sizeFromShape(shape)).reshape(shape), false)
      );
    });
    const x = tf.ones<tf.Rank.R4>([1, 6, 6, 4]);
    const matrix = variable("m", 64), rows = tf.ones<tf.Rank.R2>([3, 8]);
    const all = [...filters, matrix];
    const compute = ([depthwise, plain, product]: readonly tf.Tensor[]) =>
      tf.tidy(() => [
        tf.depthwiseConv2d(x, depthwise as tf.Tensor4D, 1, "same"),
        tf.conv2d(x, plain as tf.Tensor4D, 2, "same"),
        tf.fused.conv2d({ x, filter: plain as tf.Tensor4D, strides: 1, pad: "same" }),
        tf.matMul(rows, product!.reshape([8, 8])),
      ]);
    const before = compute(all), gradients = all.map((variable) => tf.mul<tf.Tensor>(variable, 1));
    const how = { rate: 0.5, weightDecay: 0 };
    sgdUpdate(all.map((variable, i) => ({ variable, gradient: gradients[i]!, ...how })), 0);
    // Of half the weights.
    for (const [i, after] of compute(all).entries()) {
      const half = (await before[i]!.data()).map((value) => value / 2);
      assertLess(error(await after.data(), half), 1e-6, `${i}`);
      after.dispose();
    }
    tf.dispose([before, gradients, all, x, rows]);
  },
);

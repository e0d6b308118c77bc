import * as tf from "@tensorflow/tfjs";
import { convFilterGradient } from "../ops/conv/filter_gradient.ts";
import { conv2d } from "../ops/conv/conv2d.ts";
import { convGeometry } from "../ops/conv/geometry.ts";
import { depthwiseConv2d } from "../ops/depthwise/depthwise_conv2d.ts";
import { depthwiseFilterGradient } from "../ops/depthwise/filter_gradient.ts";
import { trace } from "./trace.ts";
import type { WorkKind } from "../../core/contracts/work.ts";
import { type Speed, WORK_KINDS } from "./work.ts";

/** Least milliseconds of a measurement, so that waiting for the device does not count, and how many are made. */
const LEAST_MS = 40, MEASUREMENTS = 3;

/** Side and channels of the maps that are convolved: a middle layer of a small photograph. */
const SIDE = 40, CHANNELS = 64, TAPS = 3;
/** Elements of the arrays that are moved: 1 MB each. */
const MOVED = 2 ** 18;

/** A computation of every kind, of a size that occurs in training. */
const SAMPLES: Readonly<Record<WorkKind, () => tf.Tensor>> = {
  convolution: () => conv2d(map(), tf.ones([TAPS, TAPS, CHANNELS, CHANNELS]), { pad: 1 }),
  "filter gradient": () => convFilterGradient(map(), map(), geometry(CHANNELS, false)),
  depthwise: () => depthwiseConv2d(map(), tf.ones([TAPS, TAPS, CHANNELS, 1]), { pad: 1 }),
  "depthwise filter gradient": () => depthwiseFilterGradient(map(), map(), geometry(1, true)),
  "matrix product": () => tf.matMul(tf.ones([256, 256]), tf.ones([256, 256])),
  // A step moves memory in many ways, some of them far from the device's bandwidth: a mean of what occurs most.
  memory: () => {
    const x = tf.ones<tf.Rank.R4>([4, 32, 32, MOVED / 4096]);
    const y = tf.relu(tf.mul(tf.add(x, x), x));
    const cut = tf.slice(tf.transpose(y, [0, 3, 1, 2]), [0, 0, 1, 1], [4, MOVED / 4096, 30, 30]);
    return tf.sum(cut, [2, 3]);
  },
};

const map = () => tf.ones<tf.Rank.R4>([1, SIDE, SIDE, CHANNELS]);

function geometry(filters: number, depthwise: boolean) {
  const filter = [TAPS, TAPS, CHANNELS, filters];
  return convGeometry([1, SIDE, SIDE, CHANNELS], filter, 1, 1, 1, depthwise);
}

/** Seconds of one run, once it is warm: the fastest of some measurements, which other work on the machine disturbed least. */
async function seconds(run: () => tf.Tensor): Promise<number> {
  const timed = async (times: number) => {
    const began = performance.now();
    const results = Array.from({ length: times }, () => tf.tidy(run));
    await results.at(-1)!.data();
    tf.dispose(results);
    return performance.now() - began;
  };
  await timed(1);
  let times = 1;
  while (await timed(times) < LEAST_MS) times *= 2;
  let best = Infinity;
  for (let i = 0; i < MEASUREMENTS; i++) best = Math.min(best, await timed(times));
  return best / 1000 / times;
}

/**
 * Measures the current backend for a second or two, on kernels of the kinds that some work consists of.
 *
 * A training at full size takes hours on one machine and weeks on another. Before the first run on a machine there is no log that
 * says which; a time within a factor of two tells them apart.
 *
 * @param kinds what to measure
 * @returns the speed
 */
export async function measureSpeed(kinds: readonly WorkKind[]): Promise<Speed> {
  const calls = 100;
  const secondsPerCall = await seconds(() => {
    let x: tf.Tensor = tf.ones([4]);
    for (let i = 0; i < calls; i++) x = tf.add(x, 1);
    return x;
  }) / calls;
  const rates: Partial<Record<WorkKind, number>> = {};
  for (const kind of WORK_KINDS) {
    if (!kinds.includes(kind)) continue;
    const { work } = await trace(() => tf.tidy(SAMPLES[kind]).dispose());
    const amount = work[kind];
    // Composed of other kinds on this backend.
    if (!amount) continue;
    const net = await seconds(SAMPLES[kind]) - amount.calls * secondsPerCall;
    rates[kind] = (kind === "memory" ? amount.bytes : amount.flops) / Math.max(net, 1e-6);
  }
  return { rates, secondsPerCall };
}

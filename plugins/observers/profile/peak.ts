import * as tf from "@tensorflow/tfjs";

/** Peak throughput of a device, measured with simple kernels. */
export interface Peak {
  /** Floating-point operations per second of a large matrix product. */
  readonly flops: number;
  /** Bytes per second, read plus written, of an elementwise operation on a large array. */
  readonly bytes: number;
}

/**
 * Milliseconds from which a run is large enough, and minimum milliseconds of one measurement, since waiting for the device is
 * included.
 */
const LARGE_MS = 15, LEAST_MS = 40;
/** Number of measurements; the fastest is taken, which other work on the machine disturbed least. */
const MEASUREMENTS = 3;

/**
 * Runs a function at growing sizes until a run takes long enough, then measures it.
 *
 * @param sizes in order
 * @param make creates the function for a size
 * @returns the size, and seconds of one run
 */
async function measure(
  sizes: readonly number[],
  make: (size: number) => { run: () => tf.Tensor; input: tf.Tensor },
): Promise<{ size: number; seconds: number }> {
  for (const size of sizes) {
    const { run, input } = make(size);
    const timed = async (times: number) => {
      const began = performance.now();
      for (let i = 1; i < times; i++) run().dispose();
      // Waits for the device by reading one element: a download of all elements would be timed too.
      const element = tf.tidy(() => tf.slice(tf.reshape(run(), [-1]), 0, 1));
      await element.data();
      element.dispose();
      return (performance.now() - began) / times;
    };
    await timed(1);
    let best = await timed(1);
    const large = best >= LARGE_MS || size === sizes.at(-1);
    const times = Math.ceil(LEAST_MS / best);
    for (let i = 0; large && i < MEASUREMENTS; i++) best = Math.min(best, await timed(times));
    input.dispose();
    if (large) return { size, seconds: best / 1000 };
  }
  throw new RangeError("Cannot measure without a size");
}

const doubling = (from: number, to: number) =>
  Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);

/**
 * Measures the current backend for a second or two: a square matrix product, and a ReLU in place of a copy, which tfjs lacks.
 *
 * @returns the peaks; leaves no tensor
 */
export async function measurePeak(): Promise<Peak> {
  // Arrays of at most 64 MiB: half of what every WebGPU adapter can bind.
  const product = await measure(doubling(128, 4096), (size) => {
    const a = tf.ones<tf.Rank.R2>([size, size]);
    return { input: a, run: () => tf.matMul(a, a) };
  });
  const copy = await measure(doubling(2 ** 16, 2 ** 24), (size) => {
    const x = tf.ones([size]);
    return { input: x, run: () => tf.relu(x) };
  });
  return {
    flops: 2 * product.size ** 3 / product.seconds,
    bytes: 2 * 4 * copy.size / copy.seconds,
  };
}

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Scores } from "../../../../../core/contracts/refinement.ts";
import { isUserError } from "../../../../../core/errors.ts";
import { denseCrf } from "../../../../../plugins/refinement/crf/dense_crf.ts";
import { openWebGpuMeanField } from "../../../../../plugins/refinement/crf/webgpu/device.ts";
import { WebGpuMeanField } from "../../../../../plugins/refinement/crf/webgpu/mean_field.ts";
import type { GatheredKernel } from "../../../../../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import { exactCrf } from "../exact_crf.ts";
import { halves, largestDifference, options, randomScores } from "../setup.ts";
import { CLOSE, inferred, meanFieldTest, webgpuTest } from "./setup.ts";

type Size = readonly [width: number, height: number, channels: number];

/** Sizes and numbers of labels, odd ones and the smallest among them. */
const CASES: readonly Size[] = [
  [15, 11, 3],
  [1, 1, 2],
  [1, 7, 1],
  [31, 23, 21],
  [9, 9, 2],
  [2, 1, 4],
  [13, 8, 81],
];

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0) / values.length;
}

meanFieldTest(
  "mean field is that of the CPU, whatever the size and the number of labels",
  async (meanField) => {
    for (const [width, height, channels] of CASES) {
      const scores = randomScores(width, height, channels), image = halves(width, height);
      for (const iterations of [0, 1, 10]) {
        const q = await inferred(meanField, scores, image, options({ iterations }));
        const wanted = denseCrf(scores, image, options({ iterations })).data;
        const difference = largestDifference(q, wanted);
        assert(difference < CLOSE, `${width}x${height}x${channels}, ${iterations}: ${difference}`);
      }
    }
  },
);

meanFieldTest(
  "mean field approximates that with the Gaussian kernels themselves",
  async (meanField) => {
    const scores = randomScores(15, 11, 3), image = halves(15, 11);
    for (
      const [changed, bound] of [
        [{ iterations: 1, bilateral: { compat: 0 } }, 0.2],
        [{ iterations: 1, gaussian: { compat: 0 } }, 0.2],
        [{ iterations: 10 }, 1e-3],
      ] as const
    ) {
      const q = await inferred(meanField, scores, image, options(changed));
      const exact = exactCrf(scores, image, options(changed));
      const error = mean(exact.map((value, i) => Math.abs(value - q[i]!)));
      const change = mean(exact.map((value, i) => Math.abs(value - scores.data[i]!)));
      const what = JSON.stringify(changed);
      assert(error < bound * change, `${what}: off by ${error}, it changes scores by ${change}`);
    }
  },
);

meanFieldTest("vertices with many pixels are added up in chunks", async (meanField) => {
  const scores = randomScores(70, 50, 5);
  const image = { ...halves(70, 50), data: new Uint8Array(3 * 70 * 50).fill(200) };
  const q = await inferred(meanField, scores, image, options());
  assert(largestDifference(q, denseCrf(scores, image, options()).data) < CLOSE);
});

meanFieldTest("scores of 0 are clipped, of one label give 1", async (meanField) => {
  const scores: Scores = {
    width: 3,
    height: 1,
    channels: 2,
    data: Float32Array.of(0.2, 0, 1, 0.6, 0.5, 0),
  };
  const q = await inferred(meanField, scores, halves(3, 1), options({ iterations: 0 }));
  const wanted = [0.25, 1e-5 / 0.50001, 1 / 1.00001, 0.75, 0.5 / 0.50001, 1e-5 / 1.00001];
  assert(largestDifference(q, wanted) < 1e-6, `${q}`);
  const one = { width: 3, height: 1, channels: 1, data: Float32Array.of(0.3, 0, 1) };
  assertEquals(
    await inferred(meanField, one, halves(3, 1), options()),
    new Float32Array(3).fill(1),
  );
});

webgpuTest("work of more workgroups than a dimension has is spread over rows", async () => {
  const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
  // A device of few workgroups a dimension: the real limit takes images of four million pixels and vectors.
  const limits = new Proxy(device.limits, {
    get: (real, name) =>
      name === "maxComputeWorkgroupsPerDimension" ? 3 : Reflect.get(real, name, real),
  });
  Object.defineProperty(device, "limits", { value: limits });
  const meanField = new WebGpuMeanField({ device, name: "narrow" });
  const scores = randomScores(37, 29, 7), image = halves(37, 29);
  const q = await inferred(meanField, scores, image, options());
  assert(largestDifference(q, denseCrf(scores, image, options()).data) < CLOSE);
  meanField.close();
});

meanFieldTest("the same image gives the same bits, whatever came before it", async (meanField) => {
  const run = (...[width, height, channels]: Size) =>
    inferred(meanField, randomScores(width, height, channels), halves(width, height), options());
  const sizes: readonly Size[] = [[40, 30, 5], [11, 7, 5], [25, 25, 2]];
  const first = [];
  for (const size of sizes) first.push(await run(...size));
  for (const i of [2, 0, 1, 1]) assertEquals(await run(...sizes[i]!), first[i]);
});

meanFieldTest("images of like size share buffers, and closing frees them", async (meanField) => {
  assertEquals(meanField.memory, { buffers: 0, bytes: 0 });
  const run = (...[width, height, channels]: Size) =>
    inferred(meanField, randomScores(width, height, channels), halves(width, height), options());
  await run(40, 30, 5);
  const first = meanField.memory;
  assert(first.buffers > 0 && first.bytes > 8 * 4 * 40 * 30);
  const like: readonly Size[] = [[30, 40, 5], [39, 30, 7], [3, 2, 8], [40, 30, 5]];
  for (const size of like) {
    await run(...size);
  }
  assertEquals(meanField.memory.buffers, first.buffers);
  const largest = meanField.memory.bytes;
  assert(largest < 1.5 * first.bytes, `${largest} bytes, the first image took ${first.bytes}`);
  await run(40, 30, 21);
  assertEquals(meanField.memory.buffers, first.buffers);
  assert(meanField.memory.bytes > largest);
  meanField.close();
  assertEquals(meanField.memory, { buffers: 0, bytes: 0 });
});

meanFieldTest(
  "images that are refined at the same time do not disturb each other",
  async (meanField) => {
    const images = [[16, 9, 3], [40, 20, 6], [5, 5, 3], [17, 9, 3]] as const;
    const all = await Promise.all(
      images.map(([w, h, c], i) =>
        inferred(meanField, randomScores(w, h, c, i), halves(w, h, i), options())
      ),
    );
    images.forEach(([w, h, c], i) => {
      const wanted = denseCrf(randomScores(w, h, c, i), halves(w, h, i), options()).data;
      assert(largestDifference(all[i]!, wanted) < CLOSE);
    });
  },
);

meanFieldTest(
  "what the device cannot bind is refused by name, and the next image runs",
  async (meanField) => {
    const refused = async (scores: Scores, kernels: readonly GatheredKernel[], why: string) => {
      const error = await assertRejects(() => meanField.infer(scores, kernels, 1), RangeError, why);
      assert(isUserError(error));
      assert(error.message.includes('use "device: cpu", or a smaller image'), error.message);
      assert(error.message.includes(meanField.name), error.message);
    };
    const none = new Float32Array(0);
    await refused(
      { width: 2 ** 15, height: 2 ** 15, channels: 4, data: none },
      [],
      "Cannot run the dense CRF on 32768x32768 pixels and 4 labels on webgpu",
    );
    // One label takes as much room as four.
    const pixels = { width: 2 ** 15, height: 2 ** 13, channels: 1, data: none };
    await refused(pixels, [], "its labels of all pixels take 4294967296 bytes");
    const integers = new Int32Array(0);
    const kernel: GatheredKernel = {
      ...{
        size: 2 ** 28,
        axes: 6,
        factor: 1,
        vertices: integers,
        weights: none,
        neighbours: integers,
      },
      ...{ gatheredPixels: integers, gatheredWeights: none, chunkStarts: new Int32Array(1) },
      vertexChunks: integers,
    };
    const small = { width: 4, height: 4, channels: 3, data: new Float32Array(48).fill(0.5) };
    await refused(small, [kernel], "its values on lattice 1 take 4294967312 bytes");
    assertEquals(meanField.memory.buffers, 0);
    assertEquals((await inferred(meanField, small, halves(4, 4), options())).length, 48);
  },
);

webgpuTest("an error of the device is loud, never zeros", async () => {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  // As a driver's fault or a bug here would: buffers that kernels cannot bind.
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = ({ usage, ...rest }) =>
    createBuffer({ ...rest, usage: usage & ~GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const meanField = new WebGpuMeanField({ device, name: "broken" });
  const run = () => inferred(meanField, randomScores(5, 4, 2), halves(5, 4), options());
  await assertRejects(run, Error, "The dense CRF failed on the WebGPU device broken");
  // What could not be bound is not kept for the next image, which finds the device working again.
  assertEquals(meanField.memory.buffers, 0);
  device.createBuffer = createBuffer;
  assertEquals((await run()).length, 40);
  meanField.close();
});

webgpuTest("a lost device and a closed one are loud", async () => {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  const meanField = new WebGpuMeanField({ device, name: "lost" });
  const run = () => inferred(meanField, randomScores(5, 4, 2), halves(5, 4), options());
  await run();
  device.destroy();
  await assertRejects(run, Error, "The dense CRF failed on the WebGPU device lost: it was lost");
  const closed = await openWebGpuMeanField();
  const underWay = inferred(closed, randomScores(5, 4, 2), halves(5, 4), options());
  closed.close();
  await assertRejects(() => underWay, Error, "The dense CRF was closed");
});

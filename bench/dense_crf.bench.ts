/**
 * How long does a dense CRF take? A photograph of 500x375, 10 iterations: on one thread, and many at a time in Workers. pydensecrf 1.0
 * (C++, one thread of the same kind of machine) takes 0.32 s at 3 labels and 0.75 s at 21.
 */
import type { Scores } from "../core/contracts/refinement.ts";
import { Rng } from "../core/rng.ts";
import { readSafetensors } from "../core/safetensors.ts";
import type { Raster } from "../core/sample.ts";
import { bilateralKernel, gaussianKernel } from "../plugins/refinement/crf/kernel.ts";
import { denseCrf } from "../plugins/refinement/crf/dense_crf.ts";
import { MeanField } from "../plugins/refinement/crf/mean_field.ts";
import { denseCrfOptions } from "../plugins/refinement/crf/options.ts";
import { CrfPool } from "../plugins/refinement/crf/pool.ts";

const WIDTH = 500, HEIGHT = 375, LABELS = [3, 21];
const options = denseCrfOptions.parse({});
const image = mirrored(await goldenPhoto());
const scores = new Map(LABELS.map((labels) => [labels, smoothScores(labels)]));

async function goldenPhoto(): Promise<Raster> {
  const path = new URL("../tests/fixtures/dense_crf_3.safetensors", import.meta.url).pathname;
  const { shape, data } = (await readSafetensors(path)).tensors.get("photo")!;
  if (!(data instanceof Uint8Array)) throw new TypeError(`${path} holds no photo`);
  return { height: shape[0]!, width: shape[1]!, channels: 3, data };
}

/** Mirror images of a small photograph side by side: unlike an enlarged one it has a photograph's detail. */
function mirrored(photo: Raster): Raster {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const fold = (at: number, length: number) => {
    const within = at % (2 * length);
    return within < length ? within : 2 * length - 1 - within;
  };
  for (let y = 0, to = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, to += 3) {
      const from = 3 * (fold(y, photo.height) * photo.width + fold(x, photo.width));
      data.set(photo.data.subarray(from, from + 3), to);
    }
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, data };
}

/** Softmax of slow waves, random for each label. */
function smoothScores(channels: number): Scores {
  const data = new Float32Array(channels * HEIGHT * WIDTH);
  const rng = Rng.of(1, "waves");
  const waves = Array.from({ length: channels }, () => [rng.float(), rng.float(), rng.float()]);
  for (let pixel = 0; pixel < HEIGHT * WIDTH; pixel++) {
    const x = (pixel % WIDTH) / 20, y = Math.floor(pixel / WIDTH) / 20;
    const powers = waves.map(([a, b, c]) => Math.exp(2 * Math.sin(a! * x + b! * y + 6 * c!)));
    const sum = powers.reduce((total, power) => total + power);
    powers.forEach((power, c) => data[c * HEIGHT * WIDTH + pixel] = power / sum);
  }
  return { width: WIDTH, height: HEIGHT, channels, data };
}

const meanField = new MeanField();

for (const labels of LABELS) {
  Deno.bench(`one image, one thread, ${labels} labels`, { group: "image", n: 10 }, () => {
    denseCrf(scores.get(labels)!, image, options, meanField);
  });
}

Deno.bench("both kernels' lattices", { group: "parts", n: 10 }, () => {
  gaussianKernel(image, options.gaussian);
  bilateralKernel(image, options.bilateral);
});

const kernels = [
  gaussianKernel(image, options.gaussian),
  bilateralKernel(image, options.bilateral),
];
for (const labels of LABELS) {
  Deno.bench(`10 iterations, ${labels} labels`, { group: "parts", n: 10 }, () => {
    meanField.infer(scores.get(labels)!, kernels, 10);
  });
}

const BATCH = 8;

for (const workers of new Set([1, navigator.hardwareConcurrency])) {
  for (const labels of LABELS) {
    Deno.bench(
      `${BATCH} images, ${workers} Workers, ${labels} labels`,
      { group: "images", n: 3, warmup: 1 },
      async () => {
        const pool = new CrfPool(workers);
        const task = { scores: scores.get(labels)!, image, options };
        await Promise.all(Array.from({ length: BATCH }, () => pool.refine(task)));
        pool.close();
      },
    );
  }
}

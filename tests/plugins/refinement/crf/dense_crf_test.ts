import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Scores } from "../../../../core/contracts/refinement.ts";
import { isUserError } from "../../../../core/errors.ts";
import { denseCrf } from "../../../../plugins/refinement/crf/dense_crf.ts";
import { MeanField } from "../../../../plugins/refinement/crf/mean_field.ts";
import { meanFieldProgram } from "../../../../plugins/refinement/crf/wasm/mean_field_program.ts";
import { exactCrf } from "./exact_crf.ts";
import { halves, largestDifference, options, randomScores } from "./setup.ts";

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0) / values.length;
}

Deno.test("the dense CRF approximates mean field with the Gaussian kernels themselves", () => {
  for (const [width, height, channels] of [[15, 11, 3], [20, 14, 2], [9, 9, 5]] as const) {
    const scores = randomScores(width, height, channels), image = halves(width, height);
    for (
      const [changed, bound] of [
        [{ iterations: 1, bilateral: { compat: 0 } }, 0.2],
        [{ iterations: 1, gaussian: { compat: 0 } }, 0.2],
        [{ iterations: 1 }, 0.2],
        [{ iterations: 10 }, 1e-3],
      ] as const
    ) {
      const q = denseCrf(scores, image, options(changed)).data;
      const exact = exactCrf(scores, image, options(changed));
      const error = mean(exact.map((value, i) => Math.abs(value - q[i]!)));
      const change = mean(exact.map((value, i) => Math.abs(value - scores.data[i]!)));
      const what = `${width}x${height}x${channels} ${JSON.stringify(changed)}`;
      assert(error < bound * change, `${what}: off by ${error}, it changes scores by ${change}`);
    }
  }
});

Deno.test("without iterations the scores are clipped and normalised", () => {
  const scores: Scores = {
    width: 3,
    height: 1,
    channels: 2,
    data: Float32Array.of(0.2, 0, 1, 0.6, 0.5, 0),
  };
  const { data } = denseCrf(scores, halves(3, 1), options({ iterations: 0 }));
  const wanted = [0.25, 1e-5 / 0.50001, 1 / 1.00001, 0.75, 0.5 / 0.50001, 1e-5 / 1.00001];
  assert(largestDifference(data, wanted) < 1e-6, `${data}`);
});

Deno.test("every number of labels gives q that sums to 1", () => {
  for (const channels of [1, 2, 3, 4, 5, 8, 9, 21, 81]) {
    const { data, ...size } = denseCrf(randomScores(7, 5, channels), halves(7, 5), options());
    assertEquals(size, { width: 7, height: 5, channels });
    for (let pixel = 0; pixel < 35; pixel++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += data[c * 35 + pixel]!;
      assertAlmostEquals(sum, 1, 1e-5);
    }
  }
});

Deno.test("the order of the labels does not matter", () => {
  const scores = randomScores(13, 10, 6), image = halves(13, 10);
  const plane = (data: Float32Array, c: number) => data.subarray(c * 130, (c + 1) * 130);
  const reversed = new Float32Array(scores.data.length);
  for (let c = 0; c < 6; c++) reversed.set(plane(scores.data, 5 - c), c * 130);
  const q = denseCrf(scores, image, options()).data;
  const other = denseCrf({ ...scores, data: reversed }, image, options()).data;
  for (let c = 0; c < 6; c++) {
    assert(largestDifference(plane(q, c), plane(other, 5 - c)) < 1e-5);
  }
});

Deno.test("one label takes every pixel", () => {
  const scores = randomScores(6, 4, 1);
  scores.data.fill(0.3);
  assertEquals(denseCrf(scores, halves(6, 4), options()).data, new Float32Array(24).fill(1));
});

Deno.test("a single pixel keeps convincing itself", () => {
  const scores: Scores = { width: 1, height: 1, channels: 2, data: Float32Array.of(0.6, 0.4) };
  // Every kernel is 1 here: q = softmax(log p + 13 q).
  let q = 0.6;
  for (let i = 0; i < 10; i++) q = 1 / (1 + 0.4 / 0.6 * Math.exp(13 * (1 - 2 * q)));
  const { data } = denseCrf(scores, halves(1, 1), options());
  assertAlmostEquals(data[0]!, q, 1e-6);
  assertAlmostEquals(data[1]!, 1 - q, 1e-6);
});

Deno.test("a pixel's common factor does not matter: scores need not sum to one", () => {
  const scores = randomScores(16, 9, 3), image = halves(16, 9);
  const half = { ...scores, data: scores.data.map((p) => p / 2) };
  const difference = largestDifference(
    denseCrf(scores, image, options()).data,
    denseCrf(half, image, options()).data,
  );
  assert(difference < 1e-5, `${difference}`);
});

Deno.test("a pixel without any score follows its neighbours", () => {
  const scores = randomScores(9, 9, 2), image = { ...halves(9, 9), data: new Uint8Array(243) };
  scores.data.fill(0.9, 0, 81).fill(0.1, 81);
  scores.data[40] = scores.data[81 + 40] = 0;
  assert(denseCrf(scores, image, options()).data[40]! > 0.99);
});

Deno.test("memory that is used again leaves no trace", () => {
  const meanField = new MeanField(meanFieldProgram);
  const run = (width: number, height: number, channels: number, reused?: MeanField) =>
    denseCrf(randomScores(width, height, channels), halves(width, height), options(), reused).data;
  for (const [width, height, channels] of [[40, 30, 5], [11, 7, 5], [25, 25, 2]] as const) {
    assertEquals(run(width, height, channels, meanField), run(width, height, channels));
  }
});

Deno.test("inputs that do not fit are refused and named", () => {
  const scores = randomScores(4, 3, 2), image = halves(4, 3);
  const refused = (given: Scores, shown: typeof image, why: string) => {
    const error = assertThrows(() => denseCrf(given, shown, options()), Error, why);
    assert(isUserError(error));
  };
  refused(scores, halves(3, 4), "scores are 4x3, the image is 3x4");
  refused({ ...scores, channels: 3 }, image, "24 scores were given for 3 labels of 4x3 pixels");
  refused({ ...scores, channels: 0, data: new Float32Array(0) }, image, "at least one label");
  refused(scores, { ...image, channels: 1 }, "must be RGB bytes");
  refused(scores, { ...image, data: image.data.slice(1) }, "has 35 bytes, 4x3 RGB pixels need 36");
  const without = { width: 0, height: 0, channels: 3, data: new Uint8Array(0) };
  refused({ width: 0, height: 0, channels: 2, data: new Float32Array(0) }, without, "pixel are");
  for (const value of [NaN, -0.1, 1.5, Infinity]) {
    const data = scores.data.slice();
    data[12 + 6] = value;
    refused({ ...scores, data }, image, `the score of label 1 at x 2, y 1 is`);
  }
});

Deno.test("an image too large for WebAssembly's memory is refused with its size", () => {
  const scores = { width: 2 ** 15, height: 2 ** 15, channels: 4, data: new Float32Array(0) };
  assertThrows(
    () => new MeanField(meanFieldProgram).infer(scores, [], 1),
    RangeError,
    "Cannot run the dense CRF on 32768x32768 pixels and 4 labels: it needs 16.0 GiB",
  );
});

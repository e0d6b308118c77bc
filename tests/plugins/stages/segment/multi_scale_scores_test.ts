import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { resizeBicubic } from "../../../../plugins/images/pillow_bicubic.ts";
import { roundHalfEven } from "../../../../plugins/images/round_half_even.ts";
import { Model } from "../../../../plugins/wsss/training/model.ts";
import { ParamStore } from "../../../../plugins/wsss/parameters/param_store.ts";
import { interpolationWeights } from "../../../../plugins/ops/interpolate/weights.ts";
import { Rng } from "../../../../core/rng.ts";
import type { Raster } from "../../../../core/data/sample.ts";
import { multiScaleScores } from "../../../../plugins/stages/segment/multi_scale_scores.ts";
import { eachBackend } from "../../../backends.ts";
import { assertNear } from "../../losses/numeric.ts";

const LABELS = 3;

/** Scores that depend on colour and on the column, so that a mirror image gives others. */
function scoreOf(rgb: readonly number[], column: number, label: number): number {
  return [3 * rgb[0]! - rgb[1]!, 0.2 * column + rgb[2]!, rgb[0]! - 0.1 * column][label]!;
}

/** A network that computes {@linkcode scoreOf}. */
function makeModel(poison = 0): Model {
  return new Model(
    {
      taps: [{ name: "x", channels: 3, stride: 1 }],
      params: [],
      input: { mean: [0, 0, 0], std: [1, 1, 1] },
      forward: (image) => ({ x: image }),
    },
    {
      outputs: ["segmentation"],
      params: [],
      forward: (_taps, image) =>
        tf.tidy(() => {
          const [n, height, width] = image.shape;
          const column = tf.range(0, width).reshape([1, 1, width, 1])
            .mul(tf.ones<tf.Rank.R4>([n, height, width, 1]));
          const both = tf.concat([image, column], 3);
          const weights = tf.tensor2d([3, 0, 1, -1, 0, 0, 0, 1, 0, 0, 0.2, -0.1], [4, LABELS]);
          const scores = both.reshape<tf.Tensor2D>([-1, 4]).matMul(weights).div(1 - poison);
          return { segmentation: scores.reshape([n, height, width, LABELS]) };
        }),
    },
    ParamStore.create([], Rng.of(0)),
  );
}

function noise(width: number, height: number): Raster {
  const rng = Rng.of(5);
  const data = Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256));
  return { width, height, channels: 3, data };
}

function softmax(values: readonly number[]): number[] {
  const powers = values.map((value) => Math.exp(value - Math.max(...values)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The definition in float64: `[label][pixel]`. */
function reference(
  image: Raster,
  scales: readonly number[],
  flip: boolean,
  average: "logits" | "probabilities",
): number[][] {
  const { width, height } = image;
  const views = scales.flatMap((scale) => {
    const [w, h] = [roundHalfEven(width * scale), roundHalfEven(height * scale)];
    const view = resizeBicubic(image, w, h);
    const across = interpolationWeights(w, width, "corners");
    const down = interpolationWeights(h, height, "corners");
    return (flip ? [false, true] : [false]).map((mirrored) => {
      const scores = (row: number, column: number) => {
        const from = (row * w + (mirrored ? w - 1 - column : column)) * 3;
        const rgb = [0, 1, 2].map((c) => view.data[from + c]! / 255);
        return Array.from({ length: LABELS }, (_, label) => scoreOf(rgb, column, label));
      };
      return (y: number, x: number) => {
        const at = mirrored ? width - 1 - x : x;
        const sums = new Array<number>(LABELS).fill(0);
        for (let row = 0; row < h; row++) {
          for (let column = 0; column < w; column++) {
            const weight = down[y * h + row]! * across[at * w + column]!;
            if (weight === 0) continue;
            scores(row, column).forEach((score, label) => sums[label]! += weight * score);
          }
        }
        return average === "logits" ? sums : softmax(sums);
      };
    });
  });
  return Array.from(
    { length: LABELS },
    (_, label) =>
      Array.from({ length: width * height }, (_, pixel) => {
        const found = views.map((view) => view(Math.floor(pixel / width), pixel % width));
        const means = found[0]!.map((_, k) =>
          found.reduce((sum, one) => sum + one[k]!, 0) / found.length
        );
        return (average === "logits" ? softmax(means) : means)[label]!;
      }),
  );
}

for (const average of ["logits", "probabilities"] as const) {
  for (const flip of [false, true]) {
    const title = `${average}${flip ? " with mirror images" : ""}`;
    eachBackend(`multiScaleScores averages ${title} as float64 does`, async () => {
      const image = noise(9, 6), model = makeModel(), scales = [0.5, 1, 5 / 3];
      const before = tf.memory().numTensors;
      const found = await multiScaleScores(model, image, { scales, flip, average });
      assertEquals(tf.memory().numTensors, before);
      assertEquals([found.channels, found.height, found.width], [LABELS, 6, 9]);
      assertNear(found.data, reference(image, scales, flip, average).flat(), 1e-5, title);
    });
  }
}

Deno.test("multiScaleScores refuses a network that computes no numbers", async () => {
  await tf.setBackend("cpu");
  const before = tf.memory().numTensors;
  await assertRejects(
    () =>
      multiScaleScores(makeModel(1), noise(4, 3), { scales: [1], flip: true, average: "logits" }),
    RangeError,
    "not finite",
  );
  assert(tf.memory().numTensors === before);
});

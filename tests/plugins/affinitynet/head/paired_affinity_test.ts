import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { pairedAffinity } from "../../../../plugins/affinitynet/head/paired_affinity.ts";
import { pixelPairs } from "../../../../plugins/wsss/pairs/pairs.ts";
import { eachBackend } from "../../../backends.ts";
import { type Maps, randomMaps } from "../../losses/numeric.ts";
import { checkOperation } from "../../losses/setup.ts";

/** exp(-mean|f_i - f_j|) from the walk's list of pixel pairs. */
function affinityOf(
  { shape: [samples, height, width, channels], data }: Maps,
  radius: number,
): Maps {
  const { from, to } = pixelPairs(height, width, radius);
  const rows = height - radius + 1, columns = width - 2 * radius + 2;
  assertEquals(from.length, rows * columns);
  const offsets = to.length / from.length;
  const out = new Float64Array(samples * to.length);
  for (let n = 0; n < samples; n++) {
    for (let p = 0; p < offsets; p++) {
      from.forEach((a, m) => {
        const b = to[p * from.length + m]!;
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          const at = (pixel: number) => data[(n * height * width + pixel) * channels + c]!;
          sum += Math.abs(at(a) - at(b));
        }
        out[(n * from.length + m) * offsets + p] = Math.exp(-sum / channels);
      });
    }
  }
  return { shape: [samples, rows, columns, offsets], data: out };
}

eachBackend("pairedAffinity() is right in value and gradient", async () => {
  const cases = [
    [[1, 6, 10, 3], 5],
    [[2, 5, 9, 5], 5],
    [[3, 4, 7, 2], 3],
    [[1, 2, 3, 1], 2],
    [[1, 5, 9, 29], 5],
  ] as const;
  for (const [shape, radius] of cases) {
    await checkOperation(
      (x) => pairedAffinity(x, radius),
      (maps) => affinityOf(maps, radius),
      randomMaps(`features of radius ${radius}`, shape),
      `[${shape}] within ${radius}`,
    );
  }
});

eachBackend("equal features have affinity 1 and gradient 0", async () => {
  const features = tf.ones<tf.Rank.R4>([1, 6, 10, 4]);
  const { value, grad } = tf.valueAndGrad((x) => pairedAffinity(x as tf.Tensor4D, 5).sum())(
    features,
  );
  assertEquals((await value.data())[0], 2 * 2 * 34);
  assert((await grad.data()).every((slope) => slope === 0));
});

eachBackend("a map too small for pairs has none", () => {
  for (const radius of [0, 1]) {
    assertEquals(pairedAffinity(tf.ones([2, 3, 4, 5]), radius).shape, [2, 3, 4, 0]);
  }
});

import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { interpolateNearest } from "../../../../plugins/ops/interpolate/interpolate_nearest.ts";
import { eachBackend } from "../../../backends.ts";

/** What PyTorch 1.13's `F.interpolate(arange(from), size=to)` gives. */
const PYTORCH: readonly { readonly from: number; readonly to: readonly number[] }[] = [
  { from: 7, to: [0, 1, 2, 3, 4, 5, 6] },
  { from: 5, to: [0, 0, 1, 1, 2, 2, 3, 3, 4] },
  { from: 33, to: [0, 2, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27, 30] },
  // 7 * 62 / 14 is 31, and less in float32; so is 11 * 26 / 22.
  { from: 62, to: [0, 4, 8, 13, 17, 22, 26, 30, 35, 39, 44, 48, 53, 57] },
  { from: 26, to: [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24] },
  { from: 224, to: Array.from({ length: 28 }, (_, i) => 8 * i) },
];

eachBackend("nearest neighbour takes PyTorch's pixels, along rows and columns", async () => {
  for (const { from, to } of PYTORCH) {
    const line = tf.range(0, from), size = to.length;
    for (const axis of [1, 2]) {
      const shape = axis === 1 ? [2, from, 1, 3] : [2, 1, from, 3];
      const map = tf.broadcastTo(tf.reshape(line, axis === 1 ? [from, 1, 1] : [1, from, 1]), shape);
      const result = interpolateNearest(map as tf.Tensor4D, axis === 1 ? [size, 1] : [1, size]);
      assertEquals(result.shape, axis === 1 ? [2, size, 1, 3] : [2, 1, size, 3]);
      const found = [...await result.data()];
      assertEquals(found, [0, 1].flatMap(() => to.flatMap((at) => [at, at, at])));
      tf.dispose([map, result]);
    }
    line.dispose();
  }
});

eachBackend("nearest neighbour lets no gradient through", async () => {
  const slope = tf.grad((x) => {
    const read = interpolateNearest(x as tf.Tensor4D, [1, 2]);
    return tf.add(tf.sum(tf.mul(read, 3)), tf.sum(x));
  });
  assertEquals([...await slope(tf.ones([1, 2, 2, 1])).data()], [1, 1, 1, 1]);
});

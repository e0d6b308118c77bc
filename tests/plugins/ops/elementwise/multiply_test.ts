import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { repeatedFactor } from "../../../../plugins/ops/elementwise/multiply_on_heap.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { upload } from "../webgpu/setup.ts";

/** Shapes of two factors, and whether the smaller is repeated for every row of the larger. */
const CASES: readonly (readonly [number[], number[], boolean])[] = [
  [[2, 9, 11, 7], [2, 1, 1, 7], true],
  [[2, 9, 11, 7], [7], true],
  [[1, 1, 1, 6], [3, 8, 13, 6], true],
  [[4, 99, 5], [4, 1, 5], true],
  [[2, 9, 11, 7], [2, 9, 11, 1], false],
  [[2, 9, 11, 7], [2, 1, 11, 7], false],
  [[5, 1, 7], [1, 90, 7], false],
  [[3, 90], [3, 90], false],
];

eachBackend("products of tensors that broadcast are right however they do", async () => {
  for (const [left, right, repeated] of CASES) {
    const [a, b] = [left, right].map((shape, i) => upload(randomArray(`${i}`, shape))) as [
      tf.Tensor,
      tf.Tensor,
    ];
    assertEquals(repeatedFactor({ a, b }) !== undefined, repeated, `${left} ${right}`);
    const [x, y] = await Promise.all([a, b].map((each) => each.data<"float32">()));
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
    const at = (place: readonly number[], of: readonly number[]) =>
      of.reduce((sum, size, i) => {
        const along = place[place.length - of.length + i]!;
        return sum * size + (size === 1 ? 0 : along);
      }, 0);
    const wanted = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
      const place = tf.util.indexToLoc(i, shape.length, tf.util.computeStrides(shape));
      return x![at(place, left)]! * y![at(place, right)]!;
    });
    const product = tf.mul(a, b);
    assertEquals([product.shape, await product.data<"float32">()], [shape, wanted]);
  }
});

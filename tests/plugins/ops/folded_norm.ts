import * as tf from "@tensorflow/tfjs";
import type { NormVectors } from "../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { randomArray } from "./random.ts";
import { upload } from "./webgpu/setup.ts";

/** Uniform in -1 .. 1, the same for the same name. */
export function randomTensor<R extends tf.Rank>(
  name: string,
  shape: tf.ShapeMap[R],
): tf.Tensor<R> {
  return upload(randomArray(name, shape));
}

/** Vectors of a normalisation under which some results are clipped at either end of relu6. */
export function normVectors(channels: number): NormVectors {
  const vector = (name: string) => randomTensor<tf.Rank.R1>(name, [channels]);
  return {
    mean: vector("mean"),
    variance: tf.add(tf.square(vector("variance")), 0.1),
    weight: tf.mul(vector("weight"), 3),
    bias: tf.add(vector("bias"), 1),
  };
}

/** Value of a convolution, and both gradients of a weighted sum of it. */
export async function valueAndGradients(
  run: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
): Promise<readonly Float32Array[]> {
  const value = run(x, filter), weights = randomTensor<tf.Rank.R4>("weights", value.shape);
  const loss = (x: tf.Tensor, filter: tf.Tensor) =>
    run(x as tf.Tensor4D, filter as tf.Tensor4D).mul(weights).sum();
  const all = [value, ...tf.grads(loss)([x, filter])];
  return await Promise.all(all.map((each) => each.data<"float32">()));
}

import * as tf from "@tensorflow/tfjs";
import type { Params } from "seamstress";
import { addBias, conv2d } from "seamstress/ops";

/**
 * Some channels of what a linear layer gives, without computing the others: queries and keys alone, for example.
 *
 * @param x `[N,H,W,input]` float32
 * @param params holds weight `[input,output]` and bias of the layer
 * @param name the module
 * @param from first channel
 * @param to first channel that is not wanted any more
 * @returns `[N,H,W,to-from]`
 */
export function partOfLinear(
  x: tf.Tensor4D,
  params: Params,
  name: string,
  from: number,
  to: number,
): tf.Tensor4D {
  const weight = params.get(`${name}.weight`), bias = params.get(`${name}.bias`);
  const filter = tf.reshape<tf.Rank.R4>(
    tf.slice(weight, [0, from], [-1, to - from]),
    [1, 1, weight.shape[0]!, to - from],
  );
  return addBias(conv2d(x, filter, { pad: 0 }), tf.slice(bias, [from], [to - from]));
}

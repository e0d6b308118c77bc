import * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec, TapSpec } from "seamstress";
import { crop, resizeBilinear } from "seamstress/ops";
import { pointwise, pointwiseSpec, torchDefault } from "seamstress/wsss";
import { groupNorm, groupNormSpecs } from "./group_norm.ts";

/** Height and width. */
export type Size = readonly [height: number, width: number];

/**
 * A 1x1 convolution without bias, as PyTorch starts it.
 *
 * @param name the module
 * @param input channels in
 * @param output channels out
 * @returns its spec
 */
export function plainSpec(name: string, input: number, output: number): ParamSpec {
  return pointwiseSpec(name, input, output, torchDefault(1, input, output));
}

/**
 * Parameters of the authors' layer: 1x1 convolution, group normalisation, ReLU.
 *
 * @param name the module, such as `fc_edge1`
 * @param input channels in
 * @param output channels out
 * @returns specs of `<name>.0` and `<name>.1`
 */
export function layerSpecs(name: string, input: number, output: number): readonly ParamSpec[] {
  return [plainSpec(`${name}.0`, input, output), ...groupNormSpecs(`${name}.1`, output)];
}

/**
 * The authors' layer: 1x1 convolution, group normalisation, enlarged where it is coarser, cut to the size wanted, ReLU.
 *
 * @param x `[N,h,w,input]`
 * @param params its parameters
 * @param name the module
 * @param factor what it is enlarged by
 * @param size of the result
 * @returns `[N,...size,output]`
 */
export function layer(
  x: tf.Tensor4D,
  params: Params,
  name: string,
  factor: number,
  size: Size,
): tf.Tensor4D {
  const normal = groupNorm(pointwise(x, params, `${name}.0`), params, `${name}.1`);
  return tf.relu(enlarge(normal, factor, size));
}

/** Bilinear, by a whole factor; a map that a pooling without padding left smaller is stretched to the size instead. */
function enlarge(x: tf.Tensor4D, factor: number, [height, width]: Size): tf.Tensor4D {
  const [samples, rows, columns, channels] = x.shape;
  if (rows === height && columns === width) return x;
  const large = [Math.max(rows * factor, height), Math.max(columns * factor, width)] as const;
  const resized = resizeBilinear(x, large, false);
  return crop(resized, [0, 0], [samples, height, width, channels]);
}

/**
 * Brings a tap that is finer than the maps to their stride: ResNet's own max pooling, 3x3 at stride 2, as often as it takes.
 *
 * @param x `[N,h,w,C]`
 * @param tap its spec
 * @param stride of the maps
 * @returns `[N,h',w',C]`
 */
export function pooled(x: tf.Tensor4D, tap: TapSpec, stride: number): tf.Tensor4D {
  let y = x;
  for (let at = tap.stride; at < stride; at *= 2) y = tf.maxPool(y, 3, 2, 1);
  return y;
}

import type * as tf from "@tensorflow/tfjs";
import { bnReluConv2d, type BnReluConvOptions, conv2d, sparesNormalisedMap } from "seamstress/ops";
import { frozenScaleShift, normalize, type NormRun } from "seamstress/wsss";
import { residualSum } from "./residual_sum.ts";

/** relu(bn(x)) as convolutions see it. The map itself is computed only where it is asked for, or where the backend cannot do without. */
export interface Preactivated {
  /** The map, where it was computed; owned by the caller. */
  readonly map: tf.Tensor4D | undefined;
  /** Convolves it, and adds `residual` where there is one. */
  conv2d(filter: tf.Tensor4D, options: BnReluConvOptions): tf.Tensor4D;
}

/**
 * Prepares convolutions of relu(bn(x)).
 *
 * @param x `[N,H,W,C]` float32; must live as long as it is convolved
 * @param name of the normalisation, such as `b4.bn_branch2a`
 * @param how whether it trains, its parameters and the pass
 * @param then what happens to the map before it is convolved; the map is computed where given
 * @returns the convolutions' input
 */
export function preactivate(
  x: tf.Tensor4D,
  name: string,
  how: NormRun,
  then?: (map: tf.Tensor4D) => tf.Tensor4D,
): Preactivated {
  const fixed = how.norm === "frozen" || !how.context.training;
  if (fixed && then === undefined && sparesNormalisedMap()) {
    const { scale, shift } = frozenScaleShift(how.params, name);
    return {
      map: undefined,
      conv2d: (filter, options) => bnReluConv2d(x, scale, shift, filter, options),
    };
  }
  const activated = normalize(x, name, "relu", how);
  const map = then?.(activated) ?? activated;
  if (map !== activated) activated.dispose();
  return {
    map,
    conv2d(filter, { residual, ...options }) {
      const y = conv2d(map, filter, options);
      if (residual === undefined) return y;
      const sum = residualSum(y, residual);
      y.dispose();
      return sum;
    },
  };
}

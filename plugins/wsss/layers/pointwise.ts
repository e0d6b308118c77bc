import type * as tf from "@tensorflow/tfjs";
import type { TapSpec } from "../../../core/contracts/backbone.ts";
import { userError } from "../../../core/errors.ts";
import { conv2d } from "../../ops/conv/conv2d.ts";
import type { Init, Params, ParamSpec } from "../../../core/contracts/params.ts";
import { didYouMean } from "../../../core/registry/suggest.ts";

/**
 * The weight of a 1x1 convolution without bias that starts from scratch.
 *
 * @param name the module, such as `fc8`
 * @param input channels in
 * @param output channels out
 * @param init how it starts
 * @returns the spec of `<name>.weight`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pointwiseSpec } from "seamstress/wsss";
 * const fc8 = pointwiseSpec("fc8", 4096, 21, { kind: "xavier-uniform", gain: 1 });
 * assertEquals(fc8.shape, [1, 1, 4096, 21]);
 * ```
 */
export function pointwiseSpec(name: string, input: number, output: number, init: Init): ParamSpec {
  return {
    name: `${name}.weight`,
    shape: [1, 1, input, output],
    layout: "conv",
    role: "weight",
    trainable: true,
    pretrained: false,
    init,
  };
}

/**
 * Applies a 1x1 convolution.
 *
 * @param x `[N,h,w,input]` float32
 * @param params holds `<name>.weight`
 * @param name the module
 * @returns `[N,h,w,output]`
 */
export function pointwise(x: tf.Tensor4D, params: Params, name: string): tf.Tensor4D {
  return conv2d(x, params.get(`${name}.weight`) as tf.Tensor as tf.Tensor4D, { pad: 0 });
}

/**
 * The tap that a classifier reads: the last.
 *
 * @param taps the backbone's
 * @returns its spec
 * @throws {RangeError} where the backbone has none, or the last is no map
 */
export function classifierTap(taps: readonly TapSpec[]): TapSpec {
  const last = taps.at(-1);
  if (last === undefined) throw new RangeError("Cannot build a head on a backbone without taps");
  if (last.kind) {
    throw new RangeError(`Cannot classify from tap "${last.name}": it is ${last.kind}`);
  }
  return last;
}

/**
 * Finds a tap by name and checks that it has the same stride as the classifier's tap.
 *
 * @param taps the backbone's
 * @param name as the recipe gives it
 * @param option the recipe's key, for messages
 * @returns its spec
 * @throws {RangeError} where there is none of that name, or its stride is not the classifier's
 */
export function tapBeside(taps: readonly TapSpec[], name: string, option: string): TapSpec {
  const { stride } = classifierTap(taps);
  const maps = taps.filter(({ kind }) => kind === undefined);
  const tap = maps.find((candidate) => candidate.name === name);
  if (tap?.stride === stride) return tap;
  const valid = maps.filter((candidate) => candidate.stride === stride).map((one) => one.name);
  const found = tap === undefined
    ? `the backbone has no such tap${didYouMean(name, valid)}`
    : `its stride is ${tap.stride}, the classifier's tap has ${stride}`;
  throw userError(
    new RangeError(`Cannot use tap "${name}" as ${option}: ${found}; valid: ${valid.join(", ")}`),
  );
}

import * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";

/**
 * Buffers that hold a moving average of parameters.
 *
 * @param specs of the parameters
 * @param prefix before the buffers' names, such as `teacher.`
 * @returns specs of the buffers; 0 until {@linkcode moveAverage} copies the parameters
 */
export function averageSpecs(specs: readonly ParamSpec[], prefix: string): readonly ParamSpec[] {
  return specs.map((spec) => ({
    ...spec,
    name: prefix + spec.name,
    role: "buffer",
    trainable: false,
    init: { kind: "zeros" },
  }));
}

/**
 * Moves an exponential moving average: average ← momentum · average + (1 − momentum) · parameter.
 *
 * @param average buffers of {@linkcode averageSpecs}, without their prefix: `subset(params, prefix)`
 * @param params holds the parameters by the same names
 * @param momentum part of the average that stays, 0..1; 0 copies
 */
export function moveAverage(
  average: Pick<Params, "specs" | "get">,
  params: Pick<Params, "get">,
  momentum: number,
): void {
  for (const { name } of average.specs) {
    const own = average.get(name), followed = params.get(name);
    tf.tidy(() => own.assign(tf.add(tf.mul(own, momentum), tf.mul(followed, 1 - momentum))));
  }
}

import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../../core/contracts/loss.ts";
import type { LossInput } from "../../../core/contracts/method.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { assertNear, type Maps, numericalGradient, randomMaps } from "./numeric.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const registry = new Registry(plugins);

/** Makes a loss as a recipe does. */
export async function makeLoss(
  use: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Loss> {
  return await registry.create("loss", { use, ...options }, undefined);
}

export function tensorOf({ shape, data }: Maps): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(data), [...shape]);
}

/**
 * Computes a loss and its gradients.
 *
 * @returns the value, and for every input its gradient or nothing where none reaches it; fails where tensors are left behind
 */
export async function evaluate(
  loss: Loss,
  inputs: Readonly<Record<string, Maps>>,
  label: readonly (readonly number[])[],
  arrange: (tensors: Readonly<Record<string, tf.Tensor4D>>) => Omit<LossInput, "targets">,
): Promise<{ value: number; gradients: Record<string, Float32Array | undefined> }> {
  const before = tf.memory().numTensors;
  const names = Object.keys(inputs);
  const variables = names.map((name) => {
    const initial = tensorOf(inputs[name]!);
    const variable = tf.variable(initial);
    initial.dispose();
    return variable;
  });
  const { value, grads } = tf.variableGrads(() => {
    const tensors = Object.fromEntries(
      names.map((name, i) => [name, variables[i] as tf.Tensor as tf.Tensor4D]),
    );
    const targets = { label: tf.tensor2d(label.map((row) => [...row])) };
    return loss.compute({ targets, ...arrange(tensors) }, FIRST_STEP);
  }, variables);
  const gradients: Record<string, Float32Array | undefined> = {};
  for (const [i, name] of names.entries()) {
    gradients[name] = await grads[variables[i]!.name]?.data<"float32">();
  }
  const result = { value: (await value.data())[0]!, gradients };
  tf.dispose([value, grads, variables]);
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`${left} tensors were left behind`);
  return result;
}

/**
 * Checks an operation on maps against a float64 reference: its values, and the gradient of their weighted sum against central
 * differences of the reference.
 */
export async function checkOperation(
  operation: (x: tf.Tensor4D) => tf.Tensor4D,
  reference: (x: Maps) => Maps,
  maps: Maps,
  what: string,
): Promise<void> {
  const wanted = reference(maps);
  const factors = randomMaps("factors", wanted.shape);
  const x = tensorOf(maps), weights = tensorOf(factors);
  const before = tf.memory().numTensors;
  const y = operation(x);
  assertEquals(y.shape, [...wanted.shape]);
  assertNear(await y.data<"float32">(), wanted.data, 2e-6, `${what}: value`);
  const gradient = tf.grad((x) => operation(x as tf.Tensor4D).mul(weights).sum())(x);
  const sum = (data: Float64Array) =>
    reference({ ...maps, data }).data.reduce((total, v, i) => total + v * factors.data[i]!, 0);
  const slope = numericalGradient(sum, maps.data);
  assertNear(await gradient.data<"float32">(), slope, 2e-5, `${what}: gradient`);
  tf.dispose([y, gradient]);
  assertEquals(tf.memory().numTensors, before, `${what}: tensors were left behind`);
  tf.dispose([x, weights]);
}

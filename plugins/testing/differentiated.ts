import { type Params, type ParamSpec, Rng } from "seamstress";
import { ParamStore } from "seamstress/wsss";
import * as tf from "@tensorflow/tfjs";
import { type Numbers, uniform } from "./numbers.ts";

/** What is differentiated: made of tensors, and of parameters where a network's part has some. */
export type Differentiable<N extends string = string> = (
  inputs: Readonly<Record<N, tf.Tensor>>,
  params: Params,
) => tf.Tensor;

/** A function and where its gradient is taken. */
export interface Problem<N extends string = string> {
  /** Any tensor; one that is not a scalar is summed up with random factors. */
  readonly compute: Differentiable<N>;
  /** By name. */
  readonly inputs: Readonly<Record<N, Numbers>>;
  /** Parameters that it reads, with their initial values; the trainable ones are differentiated too. */
  readonly params?: readonly ParamSpec[];
}

/** Names and numbers by which a problem is differentiated: its inputs, then its parameters. */
export type Point = ReadonlyMap<string, Numbers>;

/** Name of the function's own result beside those of its gradients. */
export const RESULT = "the result";

/** Key of a parameter in a {@linkcode Point}. */
export const paramKey = (name: string): string => `parameter ${name}`;

/** Where a problem starts: its inputs and its parameters' initial values, in the precision of the current backend. */
export function startOf({ inputs, params = [] }: Problem): Map<string, Numbers> {
  const point = new Map<string, Numbers>(Object.entries(inputs));
  const store = ParamStore.create(params, Rng.of(1));
  for (const { name, shape } of params) {
    point.set(paramKey(name), { shape, data: Float64Array.from(store.get(name).dataSync()) });
  }
  store.dispose();
  return point;
}

/** The variables of a point on the current backend, and what the problem sees of them. */
export function variablesAt(
  { inputs, params = [] }: Problem,
  point: Point,
): { variables: Map<string, tf.Variable>; tensors: Record<string, tf.Tensor>; params: ParamStore } {
  const variables = new Map<string, tf.Variable>();
  for (const name of Object.keys(inputs)) {
    variables.set(name, tf.tidy(() => tf.variable(tensorOf(point.get(name)!))));
  }
  const store = ParamStore.create(params, Rng.of(1));
  for (const { name } of params) {
    const variable = store.get(name);
    tf.tidy(() => variable.assign(tensorOf(point.get(paramKey(name))!)));
    variables.set(paramKey(name), variable);
  }
  const tensors = Object.fromEntries(
    Object.keys(inputs).map((name) => [name, variables.get(name)!]),
  );
  return { variables, tensors, params: store };
}

/** A tensor of numbers, in the precision of the current backend. */
export function tensorOf({ shape, data }: Numbers): tf.Tensor {
  return tf.tensor(Array.from(data), [...shape], "float32");
}

/** A result with random signs and sizes on its elements, so that it has one slope: the sum's terms. */
export function weighted(result: tf.Tensor): tf.Tensor {
  return result.rank === 0
    ? result
    : tf.mul(result, tensorOf(uniform(result.shape, [-1, 1], "factors")));
}

/** Which names are differentiated: inputs, and parameters that train. */
export function differentiated({ inputs, params = [] }: Problem): string[] {
  const trained = params.filter(({ trainable }) => trainable);
  return [...Object.keys(inputs), ...trained.map(({ name }) => paramKey(name))];
}

/**
 * Computes a problem and its gradients on the current backend.
 *
 * @param problem the function
 * @param point where
 * @returns {@linkcode RESULT}, and by name the gradients of its weighted sum, without those that nothing reaches; owned by the caller
 * @throws {Error} where it leaves tensors behind
 */
export function differentiate(problem: Problem, point: Point): Map<string, tf.Tensor> {
  const before = tf.memory().numTensors;
  const { variables, tensors, params } = variablesAt(problem, point);
  const names = differentiated(problem);
  const list = names.map((name) => variables.get(name)!);
  const found = new Map<string, tf.Tensor>();
  try {
    const { value, grads } = tf.variableGrads(() => {
      const result = problem.compute(tensors, params);
      found.set(RESULT, tf.keep(tf.clone(result)));
      return tf.sum<tf.Scalar>(weighted(result));
    }, list);
    value.dispose();
    for (const [i, name] of names.entries()) {
      const gradient = grads[list[i]!.name];
      if (gradient) found.set(name, gradient);
    }
  } finally {
    variables.forEach((variable) => variable.dispose());
  }
  const left = tf.memory().numTensors - before - found.size;
  if (left !== 0) throw new Error(`The function leaves ${left} tensors behind: use tf.tidy`);
  return found;
}

import * as tf from "@tensorflow/tfjs";

/**
 * The implementations that are compared: tfjs's own kernels, as most people would call them; the op composed of tfjs's kernels,
 * which is what runs where it has no kernel; the op's kernel.
 */
export type Implementation = "tfjs" | "composed" | "ours";

/** Where cases run. */
export interface BenchMachine {
  /** Whose kernels are timed. */
  readonly backend: "webgpu" | "wasm";
  /** Whether it is a GPU and no CPU that plays one: only the former has time for a network's real sizes. */
  readonly gpu: boolean;
}

/** Makes tensors of a case: float32, kept until the case is over. Its functions may be taken apart from it. */
export interface BenchTensors {
  /** In [-1, 1); a large tensor repeats itself. */
  uniform<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** Normally distributed, mean 0, deviation 1, all of them drawn. */
  normal<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** Keeps a tensor made otherwise. */
  keep<T extends tf.Tensor>(tensor: T): T;
}

/** One computation that is timed; `I` are its inputs. */
export interface BenchCase<I = unknown> {
  /** Tells the computation and its sizes; unique on a backend. */
  readonly name: string;
  /** Multiplications and additions, each counted; left out where memory bounds it. */
  readonly flops?: number;
  /** Bytes that must be read and written. */
  readonly bytes?: number;
  /** Whether the memory that it needs beside its inputs is measured, too. */
  readonly memory?: true;
  /** Makes the inputs, when the case's turn comes. */
  inputs(tensors: BenchTensors): I | Promise<I>;
  /** Who can compute it, and how: called within a tidy, with the implementation's kernels in place. */
  readonly implementations: Readonly<Partial<Record<Implementation, (inputs: I) => unknown>>>;
}

/**
 * Cases of an operation: what the file `bench.ts` beside it exports as `bench`.
 *
 * @param machine where they run
 * @returns none where nothing is worth a look
 */
export type BenchCases = (machine: BenchMachine) => readonly BenchCase[];

/**
 * Describes one computation that is timed.
 *
 * @param spec the computation; implementations take what `inputs` makes
 * @returns the same, as a member of a list of cases with other inputs
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { type BenchCases, benchCase } from "./bench_case.ts";
 * export const bench: BenchCases = () => [benchCase({
 *   name: "relu 1x56x56x64",
 *   bytes: 2 * 4 * 56 * 56 * 64,
 *   inputs: ({ uniform }) => uniform<tf.Rank.R4>([1, 56, 56, 64]),
 *   implementations: { tfjs: (x) => tf.relu(x) },
 * })];
 * ```
 */
export function benchCase<I>(spec: BenchCase<I>): BenchCase {
  // Implementations get what `inputs` made and nothing else.
  return spec as BenchCase;
}

/** Functions of inputs, by the implementation that can do it. */
type Functions<I> = Readonly<Partial<Record<Implementation, (inputs: I) => tf.Tensor>>>;

/**
 * Describes a function of one tensor, forward and with the gradient of its sum; the memory of both is measured.
 *
 * @param what names it
 * @param inputs makes the tensor `x`, and others that it is not differentiated by
 * @param functions by implementation
 * @returns both cases
 */
export function forwardAndGradient<I extends { readonly x: tf.Tensor }>(
  what: string,
  inputs: BenchCase<I>["inputs"],
  functions: Functions<I>,
): { readonly forward: BenchCase<I>; readonly gradient: BenchCase<I> } {
  const gradient = (f: (inputs: I) => tf.Tensor) => (given: I) =>
    tf.grad((x: tf.Tensor) => f({ ...given, x }).sum() as tf.Scalar)(given.x);
  return {
    forward: {
      name: `${what}, forward`,
      memory: true,
      inputs,
      implementations: functions,
    },
    gradient: {
      name: `${what}, forward and gradient`,
      memory: true,
      inputs,
      implementations: Object.fromEntries(
        Object.entries(functions).map(([name, f]) => [name, gradient(f)]),
      ),
    },
  };
}

/**
 * Calls a kernel of tfjs by its name.
 *
 * @param kernel such as `Conv2DBackpropInput`
 * @param inputs by name
 * @param attributes its other arguments
 * @returns its result
 */
export function runKernel(kernel: string, inputs: tf.NamedTensorMap, attributes: object) {
  return tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap);
}

/**
 * Calls the gradient that is registered for a kernel.
 *
 * @param kernel such as `Conv2D`
 * @param dy gradient of its result
 * @param saved inputs that it needs, in the kernel's order
 * @param attributes the kernel's other arguments
 * @param of the input that is differentiated by
 * @returns the gradient
 */
export function runGradient(
  kernel: string,
  dy: tf.Tensor,
  saved: tf.Tensor[],
  attributes: object,
  of: string,
): tf.Tensor {
  const { gradFunc } = tf.getGradient(kernel);
  return gradFunc(dy, saved, attributes as tf.NamedAttrMap)[of]!();
}

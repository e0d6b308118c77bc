import * as tf from "@tensorflow/tfjs";

/**
 * The implementations that are compared: `tfjs`, tfjs's own kernels as usually called; `composed`, the op composed of tfjs's
 * kernels, as on backends without a kernel of the op; `ours`, the op's own kernel.
 */
export type Implementation = "tfjs" | "composed" | "ours";

/** The backend and adapter that cases run on. */
export interface BenchMachine {
  /** The backend whose kernels are timed. */
  readonly backend: "webgpu" | "wasm";
  /** Whether it is a real GPU rather than a software adapter on the CPU, which is too slow for a network's real sizes. */
  readonly gpu: boolean;
  /**
   * Whether `deno bench` times cases on a CPU, which calls each several times: those of seconds are made smaller or left out then, so that
   * all files end within minutes. The full sizes are recorded.
   */
  readonly quick: boolean;
}

/** Creates float32 tensors for a case and keeps them until the case is over. Its functions may be destructured. */
export interface BenchTensors {
  /** Uniformly distributed in [-1, 1); large tensors repeat the same values. */
  uniform<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** Normally distributed with mean 0 and standard deviation 1; every value is drawn. */
  normal<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** Keeps a tensor that was created by other means. */
  keep<T extends tf.Tensor>(tensor: T): T;
}

/** One computation to time; `I` is the type of its inputs. */
export interface BenchCase<I = unknown> {
  /** Names the computation and its sizes; unique on a backend. */
  readonly name: string;
  /** Multiplications and additions, each counted; left out where it is memory-bound. */
  readonly flops?: number;
  /** Bytes that must be read and written. */
  readonly bytes?: number;
  /** Whether to measure also the memory that it needs besides its inputs. */
  readonly memory?: true;
  /** Creates the inputs just before the case runs. */
  inputs(tensors: BenchTensors): I | Promise<I>;
  /** The function of each available implementation; called within `tf.tidy`, with that implementation's kernels registered. */
  readonly implementations: Readonly<Partial<Record<Implementation, (inputs: I) => unknown>>>;
}

/**
 * Cases of an operation: what the file `bench.ts` beside it exports as `bench`.
 *
 * @param machine where they run
 * @returns the cases; none where there is nothing to compare
 */
export type BenchCases = (machine: BenchMachine) => readonly BenchCase[];

/**
 * Describes one computation to time.
 *
 * @param spec the computation; implementations take what `inputs` makes
 * @returns the same, typed for a list of cases with different inputs
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
  // Implementations only ever get what `inputs` made, so the cast is safe.
  return spec as BenchCase;
}

/** The function of each available implementation. */
type Functions<I> = Readonly<Partial<Record<Implementation, (inputs: I) => tf.Tensor>>>;

/**
 * Describes a function of one tensor, forward and with the gradient of its sum; the memory of both is measured.
 *
 * @param what name of the function
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

import * as tf from "@tensorflow/tfjs";
import type { WorkKind } from "../../../core/contracts/work.ts";
import * as z from "zod";
import type { Op } from "../../../core/contracts/op.ts";
import type { Plugin } from "../../../core/registry/plugin.ts";
import { type KernelCall, KernelContext } from "./kernel_context.ts";
import type { AnyInputName, GivenOf, Layouts, Named, Output, ResultOf } from "./layout.ts";
import { narrowed } from "../webgpu/narrowed.ts";
import type { KernelInputs, RegisteredOp } from "./registered_op.ts";
import { registeredKernel, replaceGradient, replaceKernel } from "./replace.ts";
import type { BackendName, Kernel, OpSpec, OutputShape } from "./spec.ts";

/** Options of an operation: none. */
export type NoOptions = z.ZodObject<Record<never, never>, z.core.$strict>;

const options: NoOptions = z.strictObject({});

/** Prefix of the names of kernels that tfjs does not have. */
const PREFIX = "Seamstress";

/** A kernel of any backend. */
type AnyKernel<I extends Layouts, A, O extends Output> = Kernel<I, A, O, unknown>;

/** An operation, which is both a plugin and a function. */
export class Operation<
  I extends Layouts,
  A extends object,
  O extends Output,
  S extends AnyInputName<I>,
> implements Op, RegisteredOp, Plugin<"op", string, NoOptions> {
  readonly kind = "op";
  readonly name: string;
  readonly summary: string;
  readonly options: NoOptions = options;
  /** Name of its kernels in tfjs. */
  readonly kernel: string;
  readonly #spec: OpSpec<I, A, O, S>;
  readonly #installed = new Set<BackendName>();

  /**
   * Takes the description of an operation.
   *
   * @param spec its description
   */
  constructor(spec: OpSpec<I, A, O, S>) {
    this.name = spec.name;
    this.summary = spec.summary;
    this.kernel = spec.replaces ? spec.name : PREFIX + spec.name;
    this.#spec = spec;
  }

  /**
   * Makes the plugin; operations have no options.
   *
   * @returns itself: an op has no options
   */
  create(): Op {
    return this;
  }

  /** Whether it replaces a kernel of tfjs. */
  get replacesTfjs(): boolean {
    return this.#spec.replaces ?? false;
  }

  /** Whether the current backend has a kernel for it; on other backends it is composed of tfjs's functions. */
  get hasKernel(): boolean {
    return registeredKernel(this.kernel, tf.getBackend()) !== undefined;
  }

  /**
   * Computes it with the current backend's kernel, or by its composition where there is none.
   *
   * @param inputs tensors by name
   * @param attributes its other arguments
   * @returns its result
   * @throws {Error} where the backend has no kernel, and it has no composition
   */
  run(inputs: Named<I, "tensor">, attributes: A): ResultOf<O> {
    return this.tryKernel(inputs, attributes) ?? this.#composed(inputs, attributes);
  }

  /**
   * Computes it with the current backend's kernel.
   *
   * @param inputs tensors by name
   * @param attributes its other arguments
   * @returns its result; undefined where the backend has no kernel for these
   */
  tryKernel(inputs: Named<I, "tensor">, attributes: A): ResultOf<O> | undefined {
    const registered = registeredKernel(this.kernel, tf.getBackend());
    if (registered === undefined || registered.accepts?.(inputs, attributes) === false) {
      return undefined;
    }
    // tfjs types attributes as plain JSON-like maps and results as any tensors; ours are declared by the op's description.
    return tf.engine().runKernel(
      this.kernel,
      inputs as unknown as tf.NamedTensorMap,
      attributes as unknown as tf.NamedAttrMap,
    ) as ResultOf<O>;
  }

  #composed(inputs: Named<I, "tensor">, attributes: A): ResultOf<O> {
    const { compose, gradient } = this.#spec;
    if (compose === undefined) {
      throw new Error(
        `Cannot run op ${this.name} on backend "${tf.getBackend()}": it has no kernel there; prepare the backend with installOps() first`,
      );
    }
    const plain = () => tf.tidy(() => compose(inputs, attributes) as tf.TensorContainer);
    if (gradient === undefined || gradient.compositionByParts) return plain() as ResultOf<O>;
    const names = Object.keys(inputs);
    const op = tf.customGrad((...args) => {
      const given = args.slice(0, -1) as tf.Tensor[], save = args.at(-1) as tf.GradSaveFunc;
      const { saves, savesResult = false } = gradient;
      const byName = Object.fromEntries(names.map((name, i) => [name, given[i]!]));
      const value = compose(byName as Named<I, "tensor">, attributes) as tf.Tensor;
      save([...saves.map((name) => given[names.indexOf(name)]!), ...savesResult ? [value] : []]);
      return {
        value,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const found = this.#slopes(dy, saved, attributes);
          return names.map((name, i) => found[name]?.() ?? tf.zerosLike(given[i]!));
        },
      };
    });
    return op(...Object.values(inputs) as tf.Tensor[]) as ResultOf<O>;
  }

  /** Registers its gradient and its kernel for a backend with tfjs; does nothing when called again. */
  install(backend: BackendName): void {
    if (this.#installed.has(backend)) return;
    if (this.#installed.size === 0) this.#installGradient();
    this.#installed.add(backend);
    const own = this.#spec[backend] as AnyKernel<I, A, O> | undefined;
    const stock = registeredKernel(this.kernel, backend)?.kernelFunc;
    // Where tfjs's own kernel is kept, this op is attached to it as its description.
    if (own === undefined && stock === undefined) return;
    const kernelFunc = own === undefined ? stock! : this.#kernelFunc(own, stock);
    const { split } = this.#spec;
    const accepts = typeof own === "object" && stock === undefined
      ? { accepts: own.accepts as (inputs: object, attributes: object) => boolean }
      : {};
    replaceKernel(
      this.kernel,
      backend,
      split !== undefined && backend === "webgpu" ? split(kernelFunc, this.#halfRule) : kernelFunc,
      { op: this, ...accepts },
    );
  }

  #kernelFunc(own: AnyKernel<I, A, O>, stock: tf.KernelFunc | undefined): tf.KernelFunc {
    const run = typeof own === "function" ? own : own.run;
    const accepts = typeof own === "function" ? undefined : own.accepts;
    const rule = this.#halfRule;
    const compute = (call: KernelCall) => {
      const inputs = call.inputs as Named<I, "info">, attributes = call.attrs as unknown as A;
      if (stock !== undefined && accepts?.(inputs, attributes) === false) return stock(call);
      return run(inputs, attributes, new KernelContext(call, stock, rule)) as GivenOf<Output>;
    };
    return this.#spec.half?.gives === undefined ? compute : narrowed(compute, rule);
  }

  readonly #halfRule = ({ inputs, attrs }: KernelCall, shape: readonly number[]): boolean =>
    this.givesHalf(inputs as KernelInputs, attrs as object, shape);

  #installGradient(): void {
    const { gradient } = this.#spec;
    if (gradient === undefined) return;
    const { saves, savesResult = false } = gradient;
    replaceGradient(this.kernel, {
      inputsToSave: [...saves],
      ...savesResult && { outputsToSave: [true] },
      gradFunc: (dy, saved, attributes) =>
        this.#slopes(dy as tf.Tensor, saved, attributes as unknown as A),
    });
  }

  /** What computes the gradients, by input, from what was saved: inputs, and the result where it is. */
  #slopes(
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attributes: A,
  ): Readonly<Record<string, () => tf.Tensor>> {
    const { saves, towards } = this.#spec.gradient!;
    const kept = Object.fromEntries(saves.map((name, i) => [name, saved[i]!]));
    const result = saved[saves.length] as ResultOf<O>;
    return towards(dy as ResultOf<O>, kept as never, attributes, result) as Readonly<
      Record<string, () => tf.Tensor>
    >;
  }

  /** Shape and type of its result. */
  shapeOf(inputs: KernelInputs, attributes: object): OutputShape | readonly OutputShape[] {
    return this.#spec.shape(inputs as Named<I, "info">, attributes as A);
  }

  /** Kind and number of its operations; undefined where it is memory-bound. */
  workOf(
    inputs: KernelInputs,
    attributes: object,
    output: tf.TensorInfo,
  ): { readonly kind: WorkKind; readonly flops: number } | undefined {
    const { flops } = this.#spec;
    return flops && {
      kind: flops.kind,
      flops: flops.count(inputs as Named<I, "info">, attributes as A, output),
    };
  }

  /** Whether its kernel reads half-precision inputs directly. */
  get readsHalves(): boolean {
    return this.#spec.half?.reads ?? false;
  }

  /**
   * Whether its result is stored in half precision. Halves are stored in groups of four, so the last axis must be a multiple of 4;
   * and only feature maps of more than one position are stored in float16.
   */
  givesHalf(inputs: KernelInputs, attributes: object, shape: readonly number[]): boolean {
    const gives = this.#spec.half?.gives;
    return gives !== undefined && shape.length === 4 && shape[3]! % 4 === 0 &&
      shape[1]! * shape[2]! > 1 && gives(inputs as Named<I, "info">, attributes as A, shape);
  }

  /** Whether a kernel writes to the memory of this input; undefined for an op that makes new tensors. */
  get overwrites(): ((input: string) => boolean) | undefined {
    return this.#spec.overwrites;
  }
}

/**
 * Defines an operation: its inputs and output, the output's shape, its implementation on each backend, and its gradient. It is a
 * plugin that a recipe's `plugins:` module exports like any other, and a function: `.run(inputs, attributes)` calls the current
 * backend's kernel if that backend was prepared, and otherwise the composition.
 *
 * @param spec its description; the types of inputs and attributes follow from `inputs` and `attributes`
 * @returns the operation
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { attributesOf, defineOp } from "seamstress/ops";
 * const scale = defineOp({
 *   name: "Scale",
 *   summary: "a matrix times a number",
 *   inputs: { x: "[M,N]" },
 *   attributes: attributesOf<{ by: number }>(),
 *   output: "[M,N]",
 *   shape: ({ x }) => x,
 *   compose: ({ x }, { by }) => tf.mul(x, by),
 *   gradient: { saves: [], towards: (dy, _saved, { by }) => ({ x: () => tf.mul(dy, by) }) },
 * });
 * await tf.setBackend("cpu");
 * const x = tf.tensor2d([[1, 2]]);
 * assertEquals([...await scale.run({ x }, { by: 3 }).data()], [3, 6]);
 * assertEquals([...await tf.grad((x) => scale.run({ x: x as tf.Tensor2D }, { by: 3 }))(x).data()], [3, 3]);
 * ```
 */
export function defineOp<
  const I extends Layouts,
  const O extends Output,
  A extends object = Record<never, never>,
  const S extends AnyInputName<I> = never,
>(spec: OpSpec<I, A, O, S>): Operation<I, A, O, S> {
  return new Operation(spec);
}

export { attributesOf } from "./spec.ts";

import type * as tf from "@tensorflow/tfjs";
import type { WorkKind } from "../../../core/contracts/work.ts";
import type { Wasm } from "../wasm/heap.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import type { KernelContext } from "./kernel_context.ts";
import type { AnyInputName, GivenOf, Layouts, Named, Output, ResultOf } from "./layout.ts";

/** Backends that an op can have kernels for. */
export type BackendName = "webgpu" | "wasm" | "cpu";

declare const type: unique symbol;

/** The type of an op's attributes, for the compiler alone. */
export interface AttributesType<A extends object> {
  /** Only for the compiler. */
  readonly [type]?: A;
}

/**
 * Names the type of an op's attributes: `attributes: attributesOf<{ epsilon: number }>()`.
 *
 * @returns nothing but the type
 */
export function attributesOf<A extends object>(): AttributesType<A> {
  return {};
}

/** Shape and type of an output. */
export interface OutputShape {
  /** Sizes of its dimensions. */
  readonly shape: readonly number[];
  /** Type of its elements. */
  readonly dtype: tf.DataType;
}

/** Computes an op on one backend. It makes new tensors, and disposes none of its inputs. */
export type KernelFunction<I extends Layouts, A, O extends Output, B> = (
  inputs: Named<I, "info">,
  attributes: A,
  context: KernelContext<B>,
) => GivenOf<O>;

/** A kernel, optionally restricted to some inputs: others are composed, or passed to the kernel of tfjs that the op replaces. */
export type Kernel<I extends Layouts, A, O extends Output, B> =
  | KernelFunction<I, A, O, B>
  | {
    /** Whether it supports these inputs, judged by shapes, types and attributes alone. */
    accepts(inputs: Named<I, "info">, attributes: A): boolean;
    readonly run: KernelFunction<I, A, O, B>;
  };

/** How an op reads and writes half precision on a backend that stores activations in float16. */
export interface HalfRule<I extends Layouts, A> {
  /** Whether its kernel reads float16 directly; otherwise they are converted to float32 first. */
  readonly reads: boolean;
  /** When its result, a map of four axes, is stored in float16; never where left out. */
  gives?(inputs: Named<I, "info">, attributes: A, shape: readonly number[]): boolean;
}

/** The gradient of an op. */
export interface GradientRule<
  I extends Layouts,
  A,
  O extends Output,
  S extends AnyInputName<I>,
> {
  /** Inputs that the gradient needs; they are kept until the backward pass. */
  readonly saves: readonly S[];
  /** Whether it needs the result, too. */
  readonly savesResult?: boolean;
  /**
   * Gives functions that compute the gradient of each input on request.
   *
   * @param dy gradient of the result, in its shape
   * @param saved what was kept
   * @param attributes as the op got them
   * @param result where it is saved
   */
  towards(
    dy: ResultOf<O>,
    saved: { readonly [N in S & keyof Named<I, "tensor">]: NonNullable<Named<I, "tensor">[N]> },
    attributes: A,
    result: ResultOf<O>,
  ): { readonly [N in AnyInputName<I>]?: () => tf.Tensor };
  /** Whether a composition is differentiated through its parts; otherwise this rule applies to it too. */
  readonly compositionByParts?: boolean;
}

/**
 * Wraps a WebGPU kernel so that it supports tensors larger than the device can bind; see ../webgpu/split_elements.ts and
 * split_rows.ts.
 */
export type Split = (
  kernelFunc: tf.KernelFunc,
  givesHalf: (call: Parameters<tf.KernelFunc>[0], shape: readonly number[]) => boolean,
) => tf.KernelFunc;

/** What an op consists of; see {@linkcode defineOp}. */
export interface OpSpec<
  I extends Layouts,
  A extends object,
  O extends Output,
  S extends AnyInputName<I>,
> {
  /** In upper camel case, such as `UnitVectors`; unique among ops. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** True where it replaces tfjs's own kernel of that name, and is thus called by tfjs's function. */
  readonly replaces?: true;
  /** Its inputs, by name. */
  readonly inputs: I;
  /** Its other arguments; none where left out. */
  readonly attributes?: AttributesType<A>;
  /** Layout of its result, or `list`. */
  readonly output: O;
  /** Shape and type of its result; also used to estimate a run's memory. */
  shape(inputs: Named<I, "info">, attributes: NoInfer<A>): OutputShape | readonly OutputShape[];
  /** Multiplications and additions, each counted, where arithmetic bounds its time; left out where memory does. */
  readonly flops?: {
    readonly kind: WorkKind;
    count(inputs: Named<I, "info">, attributes: NoInfer<A>, output: tf.TensorInfo): number;
  };
  /** Its half-precision rule; left out where it reads and returns float32 only. */
  readonly half?: HalfRule<I, NoInfer<A>>;
  /** Inputs whose memory its webgpu kernel writes the results to, in order; the caller disposes them unread. */
  overwrites?(input: string): boolean;
  /** How the webgpu kernel processes tensors above the device's binding limit; where left out, it throws for such tensors. */
  readonly split?: Split;
  /** For tfjs's WebGPU backend. */
  readonly webgpu?: Kernel<I, NoInfer<A>, O, WebGpuBackend> | undefined;
  /** For tfjs's WebAssembly backend. */
  readonly wasm?: Kernel<I, NoInfer<A>, O, Wasm> | undefined;
  /** For tfjs's plain JavaScript backend. */
  readonly cpu?: Kernel<I, NoInfer<A>, O, tf.KernelBackend> | undefined;
  /** Computes it with tfjs's functions and other ops, for backends without a kernel. Called within `tf.tidy`. */
  compose?(inputs: Named<I, "tensor">, attributes: NoInfer<A>): ResultOf<O>;
  /** Its gradient; left out where it is never differentiated, or where its caller defines the gradient. */
  readonly gradient?: GradientRule<I, NoInfer<A>, O, S>;
}

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

/** Size and type of an output. */
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

/** A kernel, or one that takes some inputs only: others are composed, or left to the kernel of tfjs that the op replaces. */
export type Kernel<I extends Layouts, A, O extends Output, B> =
  | KernelFunction<I, A, O, B>
  | {
    /** Whether it takes these; says so from shapes, types and attributes alone. */
    accepts(inputs: Named<I, "info">, attributes: A): boolean;
    readonly run: KernelFunction<I, A, O, B>;
  };

/** How an op works where a backend stores activations in half. */
export interface HalfRule<I extends Layouts, A> {
  /** Whether its kernel binds halves as such; they are widened for it otherwise. */
  readonly reads: boolean;
  /** When its result, a map of four axes, is stored in half; never where left out. */
  gives?(inputs: Named<I, "info">, attributes: A, shape: readonly number[]): boolean;
}

/** The gradient of an op. */
export interface GradientRule<
  I extends Layouts,
  A,
  O extends Output,
  S extends AnyInputName<I>,
> {
  /** Inputs that it needs, kept until then. */
  readonly saves: readonly S[];
  /**
   * Computes the gradients of inputs, each when it is asked for.
   *
   * @param dy gradient of the result, in its shape
   * @param saved what was kept
   * @param attributes as the op got them
   */
  towards(
    dy: ResultOf<O>,
    saved: { readonly [N in S & keyof Named<I, "tensor">]: NonNullable<Named<I, "tensor">[N]> },
    attributes: A,
  ): { readonly [N in AnyInputName<I>]?: () => tf.Tensor };
  /** True where a composition is differentiated as its parts are; else this rule holds for it too. */
  readonly compositionByParts?: boolean;
}

/** Lets a WebGPU kernel take tensors that are larger than the device can bind; see ../webgpu/split_elements.ts and split_rows.ts. */
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
  /** True where it stands in the place of tfjs's own kernel of that name, and so behind tfjs's function. */
  readonly replaces?: true;
  /** Its inputs, by name. */
  readonly inputs: I;
  /** Its other arguments; none where left out. */
  readonly attributes?: AttributesType<A>;
  /** Layout of its result, or `list`. */
  readonly output: O;
  /** Size and type of what it gives: the memory that a run takes is foreseen with it. */
  shape(inputs: Named<I, "info">, attributes: NoInfer<A>): OutputShape | readonly OutputShape[];
  /** Multiplications and additions, each counted, where arithmetic bounds its time; left out where memory does. */
  readonly flops?: {
    readonly kind: WorkKind;
    count(inputs: Named<I, "info">, attributes: NoInfer<A>, output: tf.TensorInfo): number;
  };
  /** What it does with halves; left out where it reads and gives floats. */
  readonly half?: HalfRule<I, NoInfer<A>>;
  /** Inputs whose memory its kernels write the results to, in order; the caller disposes them unread. */
  overwrites?(input: string): boolean;
  /** How the webgpu kernel takes tensors above the device's limit; it refuses them where left out. */
  readonly split?: Split;
  /** For tfjs's WebGPU backend. */
  readonly webgpu?: Kernel<I, NoInfer<A>, O, WebGpuBackend> | undefined;
  /** For tfjs's WebAssembly backend. */
  readonly wasm?: Kernel<I, NoInfer<A>, O, Wasm> | undefined;
  /** For tfjs's plain JavaScript backend. */
  readonly cpu?: Kernel<I, NoInfer<A>, O, tf.KernelBackend> | undefined;
  /** Computes it by tfjs's functions and other ops, for backends without a kernel. Called within a tidy. */
  compose?(inputs: Named<I, "tensor">, attributes: NoInfer<A>): ResultOf<O>;
  /** Left out where nothing differentiates it, or what calls it does. */
  readonly gradient?: GradientRule<I, NoInfer<A>, O, S>;
}

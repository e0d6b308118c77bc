import type * as tf from "@tensorflow/tfjs";

/**
 * Inputs of an op by name, each with its layout: `{ x: "[N,H,W,C]", "residual?": "[N,H,W,C]" }`. A name that ends in `?` may be left
 * out; one that ends in `#` stands for any number of tensors, `x0`, `x1`, …. A layout with `…` has any rank.
 */
export type Layouts = Readonly<Record<string, string>>;

/** Lengths of the axes that a layout between brackets has. */
export type Axes<L extends string> = L extends `${infer _First},${infer Rest}`
  ? [number, ...Axes<Rest>]
  : [number];

/** A shape by its layout. */
export type ShapeOf<L extends string> = L extends `[${infer Inner}]`
  ? Inner extends `${string}…${string}` ? number[] : Inner extends "" ? [] : Axes<Inner>
  : number[];

/** Tensors by rank. */
export interface Ranks {
  /** A number. */
  readonly 0: tf.Scalar;
  /** A vector. */
  readonly 1: tf.Tensor1D;
  /** A matrix. */
  readonly 2: tf.Tensor2D;
  /** Of three dimensions. */
  readonly 3: tf.Tensor3D;
  /** Of four dimensions, such as images. */
  readonly 4: tf.Tensor4D;
}

/** A tensor by its layout. */
export type TensorOf<L extends string> = ShapeOf<L>["length"] extends infer Rank
  ? number extends Rank ? tf.Tensor : Rank extends keyof Ranks ? Ranks[Rank] : tf.Tensor
  : never;

/** Shape and type of a tensor as a kernel gets it, by its layout. */
export type InfoOf<L extends string> = tf.TensorInfo & { readonly shape: ShapeOf<L> };

/** A tensor (for code that composes ops), or a tensor's shape and type (for kernels). */
export type ElementOf<L extends string, As extends "tensor" | "info"> = As extends "tensor"
  ? TensorOf<L>
  : InfoOf<L>;

/** The tensors that {@linkcode Layouts} describe, by name. */
export type Named<I extends Layouts, As extends "tensor" | "info"> =
  & {
    readonly [N in keyof I as N extends `${string}?` | `${string}#` ? never : N]: ElementOf<
      I[N],
      As
    >;
  }
  & { readonly [N in keyof I as N extends `${infer Base}?` ? Base : never]?: ElementOf<I[N], As> }
  & {
    readonly [N in keyof I as N extends `${infer Base}#` ? `${Base}${number}` : never]: ElementOf<
      I[N],
      As
    >;
  };

/** Names of all inputs, without the marks. */
export type AnyInputName<I extends Layouts> = keyof I & string extends infer N
  ? N extends `${infer Base}?` ? Base
  : N extends `${infer Base}#` ? `${Base}${number}`
  : N & string
  : never;

/** An op's output: the layout of its result, or a list of tensors. */
export type Output = string | "list";

/** The result of an op as a tensor, or as several. */
export type ResultOf<O extends Output> = O extends "list" ? tf.Tensor[] : TensorOf<O>;

/** The return type of a kernel. */
export type GivenOf<O extends Output> = O extends "list" ? tf.TensorInfo[] : tf.TensorInfo;

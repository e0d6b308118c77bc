import type * as tf from "@tensorflow/tfjs";

/** One call of a kernel, as tfjs describes it. */
export type KernelCall = Parameters<tf.KernelFunc>[0];

/** The context that a kernel is called with, besides inputs and attributes. */
export class KernelContext<B> {
  /** The backend that it runs on. */
  readonly backend: B;
  readonly #call: KernelCall;
  readonly #stock: tf.KernelFunc | undefined;
  readonly #givesHalf: (call: KernelCall, shape: readonly number[]) => boolean;

  /**
   * What a kernel is called with.
   *
   * @param call as tfjs made it
   * @param stock the kernel that this one replaces
   * @param givesHalf the op's rule
   */
  constructor(
    call: KernelCall,
    stock: tf.KernelFunc | undefined,
    givesHalf: (call: KernelCall, shape: readonly number[]) => boolean,
  ) {
    // tfjs types the backend of a call as anything; a kernel is registered for the one that it is typed for.
    this.backend = call.backend as B;
    this.#call = call;
    this.#stock = stock;
    this.#givesHalf = givesHalf;
  }

  /**
   * Whether a result is to be stored in float16.
   *
   * @param shape of the result
   * @returns whether the result is to be stored in float16
   */
  half(shape: readonly number[]): boolean {
    return this.#givesHalf(this.#call, shape);
  }

  /**
   * Calls the kernel that this one replaces.
   *
   * @param changed inputs and attributes that replace the given ones
   * @returns that kernel's result
   */
  stock(
    changed: { readonly inputs?: object; readonly attributes?: object } = {},
  ): tf.TensorInfo {
    const { inputs = this.#call.inputs, attributes = this.#call.attrs } = changed;
    const call = { ...this.#call, inputs, attrs: attributes } as KernelCall;
    // Only kernels of tfjs that give one tensor are replaced.
    return this.#stock!(call) as tf.TensorInfo;
  }
}

import * as tf from "@tensorflow/tfjs";
import type { Precision } from "../../core/contracts/backend.ts";

/** How one backend stores what is computed now; each backend that knows float16 holds one. */
export class ActivationStorage {
  /** How it stores what {@linkcode storingActivations} computes. */
  precision: Precision;
  /** Whether activations are stored in float16 now. */
  storing = false;
  /** Whether a gradient is on its way back: there, sums and products of what is stored in float16 are so too. */
  backward = false;

  /**
   * Starts in a precision.
   *
   * @param precision how activations are stored
   */
  constructor(precision: Precision = "f32") {
    this.precision = precision;
  }
}

/** The part of a backend that can store a tensor in float16. Its `dtype` stays `float32`: who computes with it need not know. */
export interface HalfStorage {
  /** How it stores what is computed now. */
  readonly activations: ActivationStorage;
  /** Whether a tensor's elements are float16. */
  storesHalf(dataId: tf.DataId): boolean;
}

function storage(): Partial<HalfStorage> {
  // tfjs's type says nothing of ours; a backend that knows no float16 has neither member.
  return tf.backend() as unknown as Partial<HalfStorage>;
}

/**
 * Computes activations: on a backend whose precision is `f16` the feature maps among the results are stored in float16 (IEEE 754
 * binary16, rounded to nearest), and so are their gradients later. What reads them computes in float32. Elsewhere nothing changes.
 *
 * @param compute runs the part of a network whose maps are large; called at once
 * @returns what it returned
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { storingActivations } from "./precision.ts";
 * await tf.setBackend("cpu");
 * assertEquals(storingActivations(() => tf.add(1, 2).dataSync()[0]), 3);
 * ```
 */
export function storingActivations<T>(compute: () => T): T {
  return storingIf(storesHalves(), compute);
}

/**
 * Tells how activations are stored.
 *
 * @returns whether the current backend stores them in float16
 */
export function storesHalves(): boolean {
  return storage().activations?.precision === "f16";
}

/**
 * @param half whether activations are stored in float16 meanwhile, as {@linkcode storesActivations} said before
 * @param compute called at once
 * @returns what it returned
 */
export function storingIf<T>(half: boolean, compute: () => T): T {
  const { activations } = storage();
  if (activations === undefined) return compute();
  const before = activations.storing;
  activations.storing = half;
  try {
    return compute();
  } finally {
    activations.storing = before;
  }
}

/**
 * Computes without storing anything in float16, forward or backward: sums that must not lose what float16 cannot hold.
 *
 * @param compute called at once
 * @returns what it returned
 */
export function inFloat32<T>(compute: () => T): T {
  const before = setBackward(false);
  try {
    return storingIf(false, compute);
  } finally {
    setBackward(before);
  }
}

/** @returns whether activations are stored in float16 now */
export function storesActivations(): boolean {
  return storage().activations?.storing ?? false;
}

/**
 * Sets whether the code that follows runs in a backward pass.
 *
 * @param value true from the end of a forward pass to the end of its gradient
 * @returns what held before, to be given back
 */
export function setBackward(value: boolean): boolean {
  const { activations } = storage();
  if (activations === undefined) return false;
  const before = activations.backward;
  activations.backward = value;
  return before;
}

/** @returns whether a backward pass is running */
export function isBackward(): boolean {
  return storage().activations?.backward ?? false;
}

/**
 * Whether a tensor's elements are stored as float16.
 *
 * @param tensor on the current backend
 * @returns whether its elements are float16
 */
export function storedInHalf({ dataId }: tf.TensorInfo): boolean {
  return storage().storesHalf?.(dataId) ?? false;
}

import type { Wasm } from "../wasm/heap.ts";
import { withTables } from "../wasm/periodically.ts";
import { normalizeProgram } from "./wasm_program.ts";

/** The range that an activation after a normalisation clips to. */
export const ACTIVATION_RANGE = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
} as const;

/** Name of an activation. */
export type ActivationName = keyof typeof ACTIVATION_RANGE;

/**
 * clamp(x · scale + shift) on the heap, channel by channel.
 *
 * @param wasm the backend
 * @param x byte offset of `[…,C]`
 * @param scale of each channel
 * @param shift of each channel
 * @param activation whose range the result is clipped to
 * @param out byte offset of the result; may be `x`
 * @param length in elements
 */
export function normalizeOnHeap(
  wasm: Wasm,
  x: number,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  activation: ActivationName,
  out: number,
  length: number,
): void {
  const [low, high] = ACTIVATION_RANGE[activation];
  withTables(wasm, [scale, shift], (period, factors, terms) => {
    normalizeProgram.on(wasm).normalize(x, factors!, terms!, period, low, high, out, length);
  });
}

/**
 * Gradient of {@linkcode normalizeOnHeap} towards its input; 0 at the ends of the range.
 *
 * @param wasm the backend
 * @param dy byte offset of `[…,C]`
 * @param y byte offset of the forward result; not read where nothing was clipped
 * @param scale of each channel
 * @param activation whose range the result was clipped to
 * @param out byte offset of the gradient
 * @param length in elements
 */
export function normalizeGradientOnHeap(
  wasm: Wasm,
  dy: number,
  y: number,
  scale: ArrayLike<number>,
  activation: ActivationName,
  out: number,
  length: number,
): void {
  slopesOnHeap(wasm, scale, activation, (write) => write(dy, y, out, length));
}

/**
 * {@linkcode normalizeGradientOnHeap} of parts of arrays, one after the other.
 *
 * @param wasm the backend
 * @param scale of each channel
 * @param activation whose range the results were clipped to
 * @param use gets a function of byte offsets of `dy`, `y` and the gradient, and of their length in elements
 */
export function slopesOnHeap(
  wasm: Wasm,
  scale: ArrayLike<number>,
  activation: ActivationName,
  use: (write: (dy: number, y: number, out: number, length: number) => void) => void,
): void {
  const [low, high] = ACTIVATION_RANGE[activation];
  const program = normalizeProgram.on(wasm);
  withTables(wasm, [scale], (period, factors) => {
    use((dy, y, out, length) => {
      if (activation === "none") program.scale(dy, factors!, period, out, length);
      else program.normalizeGradient(dy, y, factors!, period, low, high, out, length);
    });
  });
}

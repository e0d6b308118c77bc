import { FLOAT } from "../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../wasm/heap.ts";
import { type ActivationName, slopesOnHeap } from "./on_heap.ts";

/** The gradient of a result that was normalised and activated. */
export interface Slopes {
  /** Byte offset of the result's gradient, `[pixels,C]`. */
  readonly dy: number;
  /** Byte offset of the result; not read where nothing was clipped. */
  readonly y: number;
  /** `[C]`: what the normalisation multiplied by. */
  readonly scale: ArrayLike<number>;
  readonly activation: ActivationName;
}

/**
 * Gives the gradient before the normalisation in blocks, which are in the cache when they are given, so that no map is written.
 *
 * @param wasm the backend
 * @param slopes gradient of the result
 * @param pixels in all
 * @param most pixels of a block
 * @param visit gets the byte offset of a block `[count,C]`, its first pixel, and how many it has
 */
export function eachSlope(
  wasm: Wasm,
  { dy, y, scale, activation }: Slopes,
  pixels: number,
  most: number,
  visit: (slopes: number, first: number, count: number) => void,
): void {
  const channels = scale.length;
  withScratch(
    wasm,
    [Math.min(most, pixels) * channels],
    (slopes) =>
      slopesOnHeap(wasm, scale, activation, (write) => {
        for (let first = 0; first < pixels; first += most) {
          const count = Math.min(most, pixels - first), before = first * channels * FLOAT;
          write(dy + before, y + before, slopes, count * channels);
          visit(slopes, first, count);
        }
      }),
  );
}

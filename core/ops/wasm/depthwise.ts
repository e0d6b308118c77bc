import type { ConvGeometry } from "../conv_geometry.ts";
import { reach } from "../conv_geometry.ts";
import { FLOAT } from "./building.ts";
import { floatsAt, type Wasm, withScratch } from "./heap.ts";
import { programOf } from "./program.ts";

/** A depthwise 3x3 correlation of an image that may have zeros between its pixels. */
interface Correlation {
  /** `[N,H,W,C]` of the image as stored. */
  readonly image: readonly [number, number, number, number];
  /** `[N,h,w,C]` of the result. */
  readonly output: readonly [number, number, number, number];
  /** Image pixels, zeros between them among these, an output pixel; by axis. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Zeros before the image, by axis; may be negative. */
  readonly before: readonly [number, number];
  /** A stored pixel is followed by one zero less than this, by axis. */
  readonly spread: readonly [number, number];
}

/**
 * Says whether the 3x3 kernels serve a depthwise convolution.
 *
 * @param geometry of the convolution
 * @returns whether it has 3x3 taps and one filter a channel
 */
export function isDepthwise3x3({ taps, input, output }: ConvGeometry): boolean {
  return taps[0] === 3 && taps[1] === 3 && input[3] === output[3];
}

/**
 * Depthwise 3x3 convolution.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[3,3,C,1]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,h,w,C]`
 */
export function depthwiseOnHeap(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input, output, stride, dilation, pad } = geometry;
  const before = [pad[0][0], pad[1][0]] as const;
  correlate(
    wasm,
    x,
    filter,
    { image: input, output, stride, dilation, before, spread: [1, 1] },
    out,
  );
}

/**
 * Input gradient of a depthwise 3x3 convolution: the output's gradient, spread out by the stride, correlated with the turned filter.
 *
 * @param wasm the backend
 * @param dy byte offset of `[N,h,w,C]`
 * @param filter byte offset of `[3,3,C,1]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,H,W,C]`
 */
export function depthwiseInputGradientOnHeap(
  wasm: Wasm,
  dy: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input, output, stride, dilation, pad } = geometry;
  const channels = input[3];
  withScratch(wasm, [9 * channels], (turned) => {
    const from = floatsAt(wasm, filter, 9 * channels), to = floatsAt(wasm, turned, 9 * channels);
    for (let tap = 0; tap < 9; tap++) {
      to.set(from.subarray((8 - tap) * channels, (9 - tap) * channels), tap * channels);
    }
    correlate(wasm, dy, turned, {
      image: output,
      output: input,
      stride: [1, 1],
      dilation,
      before: [reach(geometry, 0) - pad[0][0], reach(geometry, 1) - pad[1][0]],
      spread: stride,
    }, out);
  });
}

/** Row by row, from copies of the image's rows with all zeros written out: the inner loop then knows no border. */
function correlate(
  wasm: Wasm,
  image: number,
  weights: number,
  { image: [, height, width, channels], output, stride, dilation, before, spread }: Correlation,
  out: number,
): void {
  const [samples, oh, ow] = output;
  const [top, left] = before;
  const program = programOf(wasm);
  const pixel = channels * FLOAT;
  const wide = (ow - 1) * stride[1] + 2 * dilation[1] + 1;
  // As many rows as an output row reaches over stay.
  const slots = 2 * dilation[0] + 1;
  const first = Math.max(Math.ceil(-left / spread[1]), 0);
  const end = Math.max(Math.min(Math.floor((wide - 1 - left) / spread[1]) + 1, width), first);
  withScratch(wasm, [(slots + 1) * wide * channels], (rows) => {
    program.clearRows(rows, 0, (slots + 1) * wide * channels, 1);
    const zeros = rows + slots * wide * pixel;
    for (let n = 0; n < samples; n++) {
      const held = new Array<number>(slots).fill(-1);
      const rowAt = (at: number): number => {
        const y = at / spread[0];
        if (!Number.isInteger(y) || y < 0 || y >= height) return zeros;
        const slot = at % slots, to = rows + slot * wide * pixel;
        if (held[slot] !== at) {
          held[slot] = at;
          const from = image + ((n * height + y) * width + first) * pixel;
          const target = to + (first * spread[1] + left) * pixel;
          program.copyRows(from, pixel, target, spread[1] * pixel, channels, end - first);
        }
        return to;
      };
      for (let r = 0; r < oh; r++) {
        const at = r * stride[0] - top;
        program.convolve3x3(
          rowAt(at),
          rowAt(at + dilation[0]),
          rowAt(at + 2 * dilation[0]),
          stride[1] * pixel,
          dilation[1] * pixel,
          weights,
          out + (n * oh + r) * ow * pixel,
          ow,
          channels,
        );
      }
    }
  });
}

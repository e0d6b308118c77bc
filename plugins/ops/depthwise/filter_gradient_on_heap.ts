import type { ConvGeometry } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { floatsAt, type Wasm } from "../wasm/heap.ts";
import { columnsInside } from "../wasm/columns_inside.ts";
import { depthwiseProgram } from "./wasm_program.ts";

/**
 * Filter gradient of a depthwise convolution: for each row of the output's gradient and each tap, multiplies it with the row of the
 * input that the tap reads.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,C]`
 * @param geometry of the convolution, with one filter per channel
 * @param out byte offset of `[kh,kw,C,1]`
 */
export function depthwiseFilterGradientOnHeap(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input: [samples, height, width, channels], output: [, oh, ow] } = geometry;
  const { taps: [kh, kw], stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  const program = depthwiseProgram.on(wasm);
  const pixel = channels * FLOAT;
  floatsAt(wasm, out, kh * kw * channels).fill(0);
  // Processes three taps at a time where all of them lie inside the image, which is almost everywhere.
  const together = kw === 3
    ? columnsInside(0, (kw - 1) * dw, left, sw, width, ow)
    : [0, 0] as const;
  for (let n = 0; n < samples; n++) {
    for (let r = 0; r < oh; r++) {
      const from = dy + (n * oh + r) * ow * pixel;
      for (let i = 0; i < kh; i++) {
        const y = r * sh + i * dh - top;
        if (y < 0 || y >= height) continue;
        const row = x + (n * height + y) * width * pixel;
        const add = (tap: number, taps: 1 | 3, [low, high]: readonly [number, number]) => {
          if (low >= high) return;
          program[`correlate${taps}`](
            row + (low * sw + tap * dw - left) * pixel,
            sw * pixel,
            dw * pixel,
            from + low * pixel,
            pixel,
            high - low,
            channels,
            out + (i * kw + tap) * pixel,
          );
        };
        const [low, high] = together;
        add(0, 3, together);
        for (let tap = 0; tap < kw; tap++) {
          const [first, end] = columnsInside(tap * dw, tap * dw, left, sw, width, ow);
          if (low >= high) add(tap, 1, [first, end]);
          else {
            add(tap, 1, [first, low]);
            add(tap, 1, [high, end]);
          }
        }
      }
    }
  }
}

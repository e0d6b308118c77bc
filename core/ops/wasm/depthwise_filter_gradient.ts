import type { ConvGeometry } from "../conv_geometry.ts";

/**
 * Filter gradient of a depthwise convolution, by its definition, each sum in float64.
 *
 * @param x `[N,H,W,C]`
 * @param dy `[N,h,w,C]`
 * @param geometry of the convolution, with one filter a channel
 * @param out `[kh,kw,C,1]`
 */
export function depthwiseFilterGradientInto(
  x: Float32Array,
  dy: Float32Array,
  geometry: ConvGeometry,
  out: Float32Array,
): void {
  const { input: [samples, height, width, channels], output: [, oh, ow] } = geometry;
  const { taps: [kh, kw], stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  const sums = Array.from({ length: kh * kw }, () => new Float64Array(channels));
  // Three taps at a time share each load of dy and stay within the image together almost everywhere.
  const triple = kw === 3;
  for (let n = 0; n < samples; n++) {
    for (let r = 0; r < oh; r++) {
      for (let i = 0; i < kh; i++) {
        const y = r * sh + i * dh - top;
        if (y < 0 || y >= height) continue;
        const row = (n * height + y) * width;
        for (let z = 0; z < ow; z++) {
          const first = z * sw - left;
          const to = ((n * oh + r) * ow + z) * channels;
          if (triple && first >= 0 && first + 2 * dw < width) {
            addThree(sums, i * 3, x, (row + first) * channels, dw * channels, dy, to);
            continue;
          }
          for (let j = 0; j < kw; j++) {
            const column = first + j * dw;
            if (column < 0 || column >= width) continue;
            const sum = sums[i * kw + j]!, from = (row + column) * channels;
            for (let c = 0; c < channels; c++) sum[c]! += x[from + c]! * dy[to + c]!;
          }
        }
      }
    }
  }
  sums.forEach((sum, tap) => out.set(sum, tap * channels));
}

/** Adds one output pixel's share to three neighbouring taps, all channels. */
function addThree(
  sums: readonly Float64Array[],
  tap: number,
  x: Float32Array,
  from: number,
  step: number,
  dy: Float32Array,
  to: number,
): void {
  const a = sums[tap]!, b = sums[tap + 1]!, c = sums[tap + 2]!;
  for (let k = 0; k < a.length; k++, from++) {
    const d = dy[to + k]!;
    a[k]! += x[from]! * d;
    b[k]! += x[from + step]! * d;
    c[k]! += x[from + 2 * step]! * d;
  }
}

import type { ConvGeometry } from "../conv_geometry.ts";

/**
 * Writes the pixels that each tap meets, for a range of output rows of one sample, channel by channel: the transposed "im2col", the
 * left side of the product that gives the filter's gradient.
 *
 * @param planes `[C][H][W]`, one sample's channels one after the other
 * @param geometry of the convolution
 * @param firstRow first output row of the sample
 * @param rows how many output rows
 * @param to `[kh*kw*C][rows*w]`
 */
export function columnsInto(
  planes: Float32Array,
  geometry: ConvGeometry,
  firstRow: number,
  rows: number,
  to: Float32Array,
): void {
  const { input: [, height, width, channels], output: [, , ow], taps: [kh, kw] } = geometry;
  const { stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const shift = j * dw - left;
      // Output columns that meet a pixel; the others meet padding.
      const low = Math.min(Math.max(Math.ceil(-shift / sw), 0), ow);
      const high = Math.max(Math.min(Math.floor((width - 1 - shift) / sw) + 1, ow), low);
      for (let c = 0; c < channels; c++) {
        let target = ((i * kw + j) * channels + c) * rows * ow;
        for (let r = firstRow; r < firstRow + rows; r++, target += ow) {
          const y = r * sh + i * dh - top;
          if (y < 0 || y >= height) {
            to.fill(0, target, target + ow);
            continue;
          }
          for (let x = 0; x < low; x++) to[target + x] = 0;
          let source = (c * height + y) * width + low * sw + shift;
          for (let x = low; x < high; x++, source += sw) to[target + x] = planes[source]!;
          for (let x = high; x < ow; x++) to[target + x] = 0;
        }
      }
    }
  }
}

/**
 * Adds each tap's share to the input pixels that it met: "col2im".
 *
 * @param columns `[rows*w][kh*kw*C]`, for a range of output rows of one sample
 * @param geometry of the convolution
 * @param firstRow first output row of the sample
 * @param rows how many output rows
 * @param to `[H][W][C]` of the sample
 */
export function addColumns(
  columns: Float32Array,
  geometry: ConvGeometry,
  firstRow: number,
  rows: number,
  to: Float32Array,
): void {
  const { input: [, height, width, channels], output: [, , ow], taps: [kh, kw] } = geometry;
  const { stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  let from = 0;
  for (let r = firstRow; r < firstRow + rows; r++) {
    for (let x = 0; x < ow; x++) {
      for (let i = 0; i < kh; i++) {
        const y = r * sh + i * dh - top;
        for (let j = 0; j < kw; j++, from += channels) {
          const z = x * sw + j * dw - left;
          if (y < 0 || y >= height || z < 0 || z >= width) continue;
          const target = (y * width + z) * channels;
          for (let c = 0; c < channels; c++) to[target + c]! += columns[from + c]!;
        }
      }
    }
  }
}

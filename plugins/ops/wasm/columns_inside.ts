/**
 * Range of output columns whose taps, at offsets `nearest` to `farthest`, all lie inside the image.
 *
 * @param nearest offset of the leftmost tap
 * @param farthest offset of the rightmost tap
 * @param pad zeros at the left
 * @param stride input pixels per output pixel
 * @param width of the input
 * @param count of output columns
 * @returns the first column and the one after the last; equal where there is none
 */
export function columnsInside(
  nearest: number,
  farthest: number,
  pad: number,
  stride: number,
  width: number,
  count: number,
): readonly [number, number] {
  const low = Math.min(Math.max(Math.ceil((pad - nearest) / stride), 0), count);
  const high = Math.min(Math.floor((width - 1 + pad - farthest) / stride) + 1, count);
  return [low, Math.max(high, low)];
}

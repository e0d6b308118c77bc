/** Of left, above and above left the one that is nearest to left + above - above left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner), toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
}

/**
 * Undoes PNG's filters: each byte was stored as its difference from a prediction by the bytes of the pixel to the left and the row
 * above (PNG 1.2, section 6).
 *
 * @param raw rows of a byte that names the filter, and `stride` bytes
 * @param rows of `stride` bytes each, to be filled; zeros at first
 * @param stride bytes per row
 * @param step bytes per pixel, 1 where it has less
 * @returns the number of a filter that does not exist, where a row names one
 */
export function unfilter(
  raw: Uint8Array,
  rows: Uint8Array,
  stride: number,
  step: number,
): number | undefined {
  for (let to = 0, from = 0; to < rows.length; to += stride, from += stride + 1) {
    const filter = raw[from]!;
    const line = raw.subarray(from + 1, from + 1 + stride);
    const row = rows.subarray(to, to + stride);
    row.set(line);
    // Above the first row are zeros.
    const above = to === 0 ? new Uint8Array(stride) : rows.subarray(to - stride, to);
    if (filter === 1) {
      for (let i = step; i < stride; i++) row[i] = row[i]! + row[i - step]!;
    } else if (filter === 2) {
      for (let i = 0; i < stride; i++) row[i] = row[i]! + above[i]!;
    } else if (filter === 3) {
      for (let i = 0; i < step && i < stride; i++) row[i] = row[i]! + (above[i]! >> 1);
      for (let i = step; i < stride; i++) row[i] = row[i]! + (row[i - step]! + above[i]! >> 1);
    } else if (filter === 4) {
      for (let i = 0; i < step && i < stride; i++) row[i] = row[i]! + above[i]!;
      for (let i = step; i < stride; i++) {
        row[i] = row[i]! + paeth(row[i - step]!, above[i]!, above[i - step]!);
      }
    } else if (filter !== 0) {
      return filter;
    }
  }
  return undefined;
}

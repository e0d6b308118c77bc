/**
 * Marks the `count` largest elements of a row, by radix selection: the k-th largest key is found 8 bits at a time, in 4 passes,
 * whatever the data. Of elements that tie with the k-th, the first are marked. NaN counts as largest.
 *
 * @param row the elements
 * @param count how many to mark, 1 .. length
 * @param mask receives 1 or 0 for each element
 */
export function selectLargest(row: Float32Array, count: number, mask: Float32Array): void {
  const keys = orderedKeys(row);
  const histogram = new Uint32Array(256);
  let prefix = 0, remaining = count;
  for (let shift = 24; shift >= 0; shift -= 8) {
    histogram.fill(0);
    const known = shift === 24 ? 0 : (0xffffffff << (shift + 8)) >>> 0;
    // By index: an iterator over a typed array takes several times as long.
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (((key & known) >>> 0) === prefix) histogram[(key >>> shift) & 0xff]!++;
    }
    let digit = 255;
    while (histogram[digit]! < remaining) remaining -= histogram[digit--]!;
    prefix = (prefix | (digit << shift)) >>> 0;
  }
  // `prefix` is now the k-th largest key; `remaining` of the elements that equal it are among the k.
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    mask[i] = key > prefix || (key === prefix && remaining-- > 0) ? 1 : 0;
  }
}

/** Maps floats to unsigned integers in the same order: -0 equals 0, NaN is largest. */
function orderedKeys(row: Float32Array): Uint32Array {
  const keys = new Uint32Array(row.length);
  const bits = new Uint32Array(new Float32Array(row).buffer);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const magnitude = b & 0x7fffffff;
    if (magnitude > 0x7f800000) keys[i] = 0xffffffff;
    else if (magnitude === 0) keys[i] = 0x80000000;
    else keys[i] = b >>> 31 === 1 ? ~b : b | 0x80000000;
  }
  return keys;
}

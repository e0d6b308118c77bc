/** Bits of a digit, and its values: three digits are a key. */
const DIGIT = 11, VALUES = 1 << DIGIT;

/**
 * Marks the `count` largest elements of a row, by radix selection: the k-th largest key is found {@linkcode DIGIT} bits at a time, first among all, then
 * among those that have the same digits so far. Of elements that tie with the k-th, the first are marked. NaN counts as largest.
 *
 * @param row the elements
 * @param count how many to mark, 1 .. length
 * @param mask receives 1 or 0 for each element
 */
export function selectLargest(row: Float32Array, count: number, mask: Float32Array): void {
  const keys = orderedKeys(row);
  const histogram = new Uint32Array(VALUES);
  let candidates = keys, prefix = 0, remaining = count;
  for (let rest = 32; rest > 0; rest -= DIGIT) {
    const shift = Math.max(rest - DIGIT, 0), most = (1 << rest - shift) - 1;
    histogram.fill(0);
    // By index: an iterator over a typed array takes several times as long.
    for (let i = 0; i < candidates.length; i++) histogram[candidates[i]! >>> shift & most]!++;
    let digit = most;
    while (histogram[digit]! < remaining) remaining -= histogram[digit--]!;
    prefix = (prefix | (digit << shift)) >>> 0;
    if (shift > 0) candidates = withDigit(candidates, shift, most, digit, histogram[digit]!);
  }
  // `prefix` is now the k-th largest key; `remaining` of the elements that equal it are among the k. Without a branch that half of the
  // elements would take.
  for (let i = 0; i < keys.length; i++) mask[i] = Number(keys[i]! > prefix);
  for (let i = 0; remaining > 0; i++) {
    if (keys[i] !== prefix) continue;
    mask[i] = 1;
    remaining--;
  }
}

/** Those of some keys that have a digit; there are `count`. */
function withDigit(
  keys: Uint32Array,
  shift: number,
  most: number,
  digit: number,
  count: number,
): Uint32Array {
  if (count === keys.length) return keys;
  const found = new Uint32Array(count);
  for (let i = 0, to = 0; to < count; i++) {
    const key = keys[i]!;
    if ((key >>> shift & most) === digit) found[to++] = key;
  }
  return found;
}

/** Maps floats to unsigned integers in the same order: -0 equals 0, NaN is largest. */
function orderedKeys(row: Float32Array): Uint32Array {
  const keys = new Uint32Array(row.length);
  const bits = new Uint32Array(row.buffer, row.byteOffset, row.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const magnitude = b & 0x7fffffff;
    if (magnitude > 0x7f800000) keys[i] = 0xffffffff;
    else if (magnitude === 0) keys[i] = 0x80000000;
    else keys[i] = b >>> 31 === 1 ? ~b : b | 0x80000000;
  }
  return keys;
}

/** Numbers of a rank or micro-batch, of many magnitudes as gradients have, so that another order of a sum has other bits. */
export function numbersOf(which: number, length: number): Float32Array<ArrayBuffer> {
  let state = 0x9e3779b9 ^ Math.imul(which + 1, 0x85ebca6b);
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state / 2 ** 31) * 10 ** ((state & 15) / 4 - 4);
  });
}

/** Adds up arrays as a balanced tree does: neighbours, then pairs of neighbours, and so on. */
export function addTree(parts: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0]!;
  // The largest power of two that leaves something.
  const left = 2 ** Math.floor(Math.log2(parts.length - 1));
  const [a, b] = [addTree(parts.slice(0, left)), addTree(parts.slice(left))];
  return a.map((x, i) => x + b[i]!);
}

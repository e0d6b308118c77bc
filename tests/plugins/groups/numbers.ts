/** Numbers of a rank, of many magnitudes as gradients have, so that another order of a sum has other bits. */
export function numbersOf(rank: number, length: number): Float32Array<ArrayBuffer> {
  let state = 0x9e3779b9 ^ Math.imul(rank + 1, 0x85ebca6b);
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state / 2 ** 31) * 10 ** ((state & 15) / 4 - 4);
  });
}

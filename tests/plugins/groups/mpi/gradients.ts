/** Values whose sum depends on its order: magnitudes from 1e-4 to 0.5, as gradients have. @param micro which micro-batch */
export function gradientsOf(micro: number): Float32Array<ArrayBuffer> {
  let state = 0x9e3779b9 ^ (micro * 0x85ebca6b);
  return new Float32Array(1 << 18).map(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state / 2 ** 31) * 10 ** ((state & 15) / 4 - 4);
  });
}

/** Adds up a power of two of arrays, neighbours first. */
export function addTree(parts: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0]!;
  const half = parts.length / 2;
  const [left, right] = [addTree(parts.slice(0, half)), addTree(parts.slice(half))];
  return left.map((x, i) => x + right[i]!);
}

/** SHA-256 of the numbers' bytes. */
export async function hash(numbers: Float32Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", numbers)).toHex();
}

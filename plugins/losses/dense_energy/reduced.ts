/**
 * Size of a map at a scale.
 *
 * @param size height and width
 * @param scale in (0, 1]
 * @returns rounded down as PyTorch does it, at least a pixel
 */
export function reducedSize(
  [height, width]: readonly [number, number],
  scale: number,
): readonly [number, number] {
  const side = (length: number) => Math.max(Math.floor(length * scale), 1);
  return [side(height), side(width)];
}

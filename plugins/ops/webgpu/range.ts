/**
 * Numbers of repeated lines of a shader.
 *
 * @param count how many
 * @returns 0 .. count - 1
 */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Invocations per workgroup. */
export const CAST_THREADS = 64;

/**
 * Converts elements, one per invocation.
 *
 * @param type of the result
 * @returns WGSL
 */
export function castWgsl(type: "i32" | "f32"): string {
  return `
  fn main(index : i32) {
    if (index < uniforms.size) { result[index] = ${type}(x[index]); }
  }
`;
}

/** Elements that one index of a kernel's array holds: four where the tensor's last axis allows. */
export type Width = 1 | 4;

/**
 * @param channels length of a tensor's last axis
 * @returns how wide a kernel can bind the tensor
 */
export function widthOf(channels: number): Width {
  return channels % 4 === 0 ? 4 : 1;
}

/**
 * WGSL of `read_<name>(start, at) -> vec4<f32>`: four neighbours of `<name>` from element `start + at`.
 *
 * @param name the bound array
 * @param width how it is bound; 4 needs `start` and `at` to be multiples of 4
 * @param length WGSL: elements from `start + length` on read as zero; whatever lies there where left out
 * @returns the function
 */
export function readerWgsl(name: string, width: Width, length?: string): string {
  const head = `fn read_${name}(start : i32, at : i32) -> vec4<f32>`;
  if (width === 4) {
    const value = `${name}[(start + at) / 4]`;
    return `${head} { return ${
      length === undefined ? value : `select(vec4<f32>(), ${value}, at < ${length})`
    }; }`;
  }
  const element = (i: number) =>
    length === undefined
      ? `${name}[start + at + ${i}]`
      : `select(0.0, ${name}[start + at + ${i}], at + ${i} < ${length})`;
  return `${head} { return vec4<f32>(${[0, 1, 2, 3].map(element).join(", ")}); }`;
}

/**
 * WGSL that writes four neighbours to `result` from element `start + at`.
 *
 * @param value WGSL: the name of a `vec4<f32>`
 * @param width how `result` is bound
 * @param length WGSL: elements from `start + length` on are left alone
 * @returns statements
 */
export function writerWgsl(value: string, width: Width, length: string): string {
  if (width === 4) return `if (at < ${length}) { result[(start + at) / 4] = ${value}; }`;
  return [0, 1, 2, 3]
    .map((i) => `if (at + ${i} < ${length}) { result[start + at + ${i}] = ${value}[${i}]; }`)
    .join("\n    ");
}

/**
 * WGSL that turns four vectors along the sum into four across it.
 *
 * @param id declares `<id>q0` … from `<id>r0` … `<id>r3`
 * @param count how many of the four
 * @returns statements
 */
export function transposeWgsl(id: string, count: number): string {
  return ["x", "y", "z", "w"].slice(0, count).map((letter, q) =>
    `let ${id}q${q} = vec4<f32>(${[0, 1, 2, 3].map((r) => `${id}r${r}.${letter}`).join(", ")});`
  ).join("\n      ");
}

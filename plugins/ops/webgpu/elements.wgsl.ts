import type * as tf from "@tensorflow/tfjs";

/** Elements that one index of a kernel's array holds: four where the tensor's last axis allows, as float32 or as float16. */
export type Width = 1 | 4 | "half";

/**
 * @param channels length of a tensor's last axis
 * @returns how wide a kernel can bind the tensor
 */
export function widthOf(channels: number): 1 | 4 {
  return channels % 4 === 0 ? 4 : 1;
}

/**
 * @param backend knows what is stored in float16
 * @param tensor any tensor
 * @returns how a kernel that reads float16 binds it; other kernels bind by {@linkcode widthOf}, and get it widened. Per-channel
 *   vectors are always read as floats
 */
export function storedWidth(
  backend: { storesHalf?(dataId: tf.DataId): boolean },
  { dataId, shape }: tf.TensorInfo,
): Width {
  const width = widthOf(shape.at(-1) ?? 1);
  return width === 4 && shape.length > 1 && backend.storesHalf?.(dataId) ? "half" : width;
}

/**
 * @param width how an array is bound
 * @returns WGSL: the type of what one index holds, as floats
 */
export function typeWgsl(width: Width): string {
  return width === 1 ? "f32" : "vec4<f32>";
}

/**
 * @param stored WGSL: what one index of an array holds
 * @param width how the array is bound
 * @returns WGSL: the same as floats
 */
export function loadedWgsl(stored: string, width: Width): string {
  return width === "half" ? `widen(${stored})` : stored;
}

/**
 * @param value WGSL: floats
 * @param width how an array is bound
 * @returns WGSL: what one of its indices holds of them
 */
export function storedWgsl(value: string, width: Width): string {
  return width === "half" ? `narrow(${value})` : value;
}

/**
 * WGSL of `widen(vec2<i32>) -> vec4<f32>` and `narrow(vec4<f32>) -> vec2<i32>`: four float16 values in two words. Every WebGPU device has
 * the instructions, with the feature `shader-f16` or without. Their rounding depends on the device (some truncate, which makes
 * every weight a little smaller), so values are first rounded to the 11 significant bits of float16, to nearest, ties to even.
 * Values that are too large become infinite, as loss scaling requires; NaN stays NaN.
 */
export const HALF_WGSL = `
  fn widen(halves : vec2<i32>) -> vec4<f32> {
    return vec4<f32>(
      unpack2x16float(bitcast<u32>(halves.x)),
      unpack2x16float(bitcast<u32>(halves.y)));
  }
  fn narrow(value : vec4<f32>) -> vec2<i32> {
    let bits = bitcast<vec4<u32>>(value);
    let size = bits & vec4<u32>(0x7fffffffu);
    let even = (bits >> vec4<u32>(13u)) & vec4<u32>(1u);
    let rounded = (bits + vec4<u32>(0xfffu) + even) & vec4<u32>(0xffffe000u);
    // From 65520 on a float is nearer to 65536, which float16 cannot hold, than to 65504.
    let over = (size >= vec4<u32>(0x477ff000u)) & (size <= vec4<u32>(0x7f800000u));
    let kept = select(rounded, bits, size >= vec4<u32>(0x7f800000u));
    let safe = bitcast<vec4<f32>>(select(kept, vec4<u32>(), over));
    let infinite = select(vec4<u32>(), ((bits >> vec4<u32>(16u)) & vec4<u32>(0x8000u)) | vec4<u32>(0x7c00u), over);
    return bitcast<vec2<i32>>(vec2<u32>(
      pack2x16float(safe.xy) | infinite.x | (infinite.y << 16u),
      pack2x16float(safe.zw) | infinite.z | (infinite.w << 16u)));
  }
`;

/**
 * WGSL of `read_<name>(start, at) -> vec4<f32>`: four neighbours of `<name>` from element `start + at`.
 *
 * @param name the bound array
 * @param width how it is bound; 4 and float16 need `start` and `at` to be multiples of 4
 * @param length WGSL: elements from `start + length` on read as zero; if left out, they are read as stored
 * @returns the function
 */
export function readerWgsl(name: string, width: Width, length?: string): string {
  const head = `fn read_${name}(start : i32, at : i32) -> vec4<f32>`;
  if (width !== 1) {
    const stored = `${name}[(start + at) / 4]`;
    const value = loadedWgsl(stored, width);
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
  if (width !== 1) {
    return `if (at < ${length}) { result[(start + at) / 4] = ${storedWgsl(value, width)}; }`;
  }
  return [0, 1, 2, 3]
    .map((i) => `if (at + ${i} < ${length}) { result[start + at + ${i}] = ${value}[${i}]; }`)
    .join("\n    ");
}

/**
 * WGSL that transposes a 4 x 4 block: four vectors along the summed axis become four across it.
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

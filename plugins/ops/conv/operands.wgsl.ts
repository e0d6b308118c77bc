import { readerWgsl, transposeWgsl, type Width } from "../webgpu/elements.wgsl.ts";
import type { Operand } from "../webgpu/gemm.wgsl.ts";

/** Element-wise operations applied to a tensor as the matrix product reads it. */
export interface Prologue {
  /** Statements on `value : vec4<f32>`, the four channels from `at`. */
  readonly wgsl: string;
}

/**
 * relu(scale·x + shift), of tensors `scale` and `shift` `[C]`, float32, bound with the same width as x. NaN propagates: it must
 * reach the loss.
 */
export const BN_RELU: Prologue = {
  wgsl: `
    let normalised = fma(read_scale(0, at), value, read_shift(0, at));
    value = select(normalised, vec4<f32>(), normalised < vec4<f32>());`,
};

/**
 * WGSL functions that read the pixels of an image: `pixel_<name>(start, at)`, four channels from `at` of the pixel that begins at
 * element `start`, after the prologue; zero where `start` is negative, as outside of the image.
 *
 * @param name the bound image
 * @param width how it is bound
 * @param length WGSL: its channels, given where the product may read beyond them
 * @param prologue applied to what is read
 * @returns WGSL
 */
export function pixelWgsl(
  name: string,
  width: Width,
  length: string | undefined,
  prologue?: Prologue,
): string {
  const floats = width === "half" ? 4 : width;
  const vectors = prologue === undefined
    ? ""
    : readerWgsl("scale", floats, length) + readerWgsl("shift", floats, length);
  return `
  ${readerWgsl(name, width, length)}
  ${vectors}
  fn pixel_${name}(start : i32, at : i32) -> vec4<f32> {
    var value : vec4<f32> = read_${name}(max(start, 0), at);
    ${prologue?.wgsl ?? ""}
    return select(vec4<f32>(), value, start >= 0);
  }`;
}

/**
 * Rows: pixels of the output. Sum: channels of the image's pixel under the current tap. The kernel declares `origin`, `stride`,
 * `step` and `grid : vec2<i32>`, `count : i32` (rows), `tap : vec2<i32>` in the loop, and `image : vec4<i32>`.
 *
 * @param name the bound image
 * @returns the operand
 */
export function pixelsOperand(name: string): Operand {
  return {
    contiguous: "depth",
    setup: (id, row) => `
    let ${id}Row = vec4<i32>(${row}) + vec4<i32>(0, 1, 2, 3);
    let ${id}At = min(${id}Row, vec4<i32>(count - 1));
    let ${id}Line = ${id}At / grid.y;
    let ${id}Y = select(vec4<i32>(-0x1000000), ${id}Line % grid.x * stride.x + origin.x, ${id}Row < vec4<i32>(count));
    let ${id}X = ${id}At % grid.y * stride.y + origin.y;
    let ${id}Sample = ${id}Line / grid.x * image.y;`,
    enter: (id) => `
    let ${id}TapY = ${id}Y + tap.x * step.x;
    let ${id}TapX = ${id}X + tap.y * step.y;
    let ${id}Start = select(
      vec4<i32>(-1),
      ((${id}Sample + ${id}TapY) * image.z + ${id}TapX) * image.w,
      (${id}TapY >= vec4<i32>()) & (${id}TapY < vec4<i32>(image.y)) &
      (${id}TapX >= vec4<i32>()) & (${id}TapX < vec4<i32>(image.z)));`,
    load: (id, k, count) =>
      ["x", "y", "z", "w"].map((letter, r) =>
        `let ${id}r${r} = pixel_${name}(${id}Start.${letter}, ${k});`
      ).join("\n      ") + transposeWgsl(id, count),
  };
}

/**
 * Columns: the filter's output channels. Sum: its input channels, at `filterTap : i32` of the loop. Reads `filter` `[taps,C,D]`.
 *
 * @param masked whether the kernel reads beyond the end of the sum, where values must count as zero
 * @returns the operand
 */
export function filterOperand(masked: boolean): Operand {
  const value = (k: string, id: string) => `read_weights((${k}) * filters, ${id}Column)`;
  return {
    contiguous: "outer",
    setup: (id, column) => `let ${id}Column = ${column};`,
    enter: (id) => `let ${id}Tap = filterTap * channels;`,
    load: (id, k, count) =>
      [0, 1, 2, 3].slice(0, count).map((q) => {
        const read = value(`${id}Tap + ${k} + ${q}`, id);
        return `let ${id}q${q} = ${
          masked ? `select(vec4<f32>(), ${read}, ${k} + ${q} < channels)` : read
        };`;
      }).join("\n      "),
  };
}

/**
 * Columns: the filter's input channels. Sum: its output channels, at `filterTap : i32` of the loop. Reads `filter` `[taps,C,D]`.
 *
 * @returns the operand
 */
export function transposedFilterOperand(): Operand {
  return {
    contiguous: "depth",
    setup: (id, column) => `let ${id}Column = ${column};`,
    enter: (id) => `let ${id}Tap = filterTap * channels + ${id}Column;`,
    load: (id, k, count) =>
      [0, 1, 2, 3].map((r) => `let ${id}r${r} = read_weights((${id}Tap + ${r}) * filters, ${k});`)
        .join("\n      ") + transposeWgsl(id, count),
  };
}

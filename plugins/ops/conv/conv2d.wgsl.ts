import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";
import { BN_RELU, filterOperand, pixelsOperand, pixelWgsl } from "./operands.wgsl.ts";
import { readerWgsl, storedWidth, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { gemmWgsl } from "../webgpu/gemm.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { chooseTile, tileColumns, tileName, tileRows, tileThreads } from "../webgpu/tiles.ts";

/** Per-channel scale and shift of a frozen batch normalisation, each `[C]`. */
export interface ScaleShift {
  readonly scale: tf.TensorInfo;
  readonly shift: tf.TensorInfo;
}

/** Operations fused into a convolution. */
export interface ConvExtras {
  /** Convolves relu(scale·x + shift) instead of x; the padding stays zero. */
  readonly bnRelu?: ScaleShift | undefined;
  /** `[D]`, added to the result. */
  readonly bias?: tf.TensorInfo | undefined;
  /** Of the result's shape, added to it. */
  readonly residual?: tf.TensorInfo | undefined;
  /** Whether to apply relu last. */
  readonly relu?: boolean | undefined;
  /** Whether the result is stored in float16; its channels must be a multiple of 4. */
  readonly half?: boolean;
}

/**
 * 2-d convolution as one implicit matrix product: rows are the output's pixels, columns its channels, the sum goes over taps and
 * input channels. No im2col matrix is written; each tap's pixels are addressed once and read four channels at a time where C is a
 * multiple of 4. Memory traffic: x is read once per tap and tile of columns (mostly from caches, because neighbouring tiles run
 * concurrently), the filter once per tile of rows; the output is written once. Arithmetic: float32, 2·N·h·w·kh·kw·C·D operations,
 * multiplications with padding zeros included. See {@linkcode gemmWgsl}.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param extras fused operations on the input and the output
 * @returns `[N,h,w,D]`
 */
export function runConv2d(
  backend: WebGpu,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
  extras: ConvExtras = {},
): tf.TensorInfo {
  const [samples, oh, ow, filters] = geometry.output, channels = geometry.input[3];
  const { bnRelu, bias, residual, relu = false, half = false } = extras;
  const tile = chooseTile({
    software: backend.software ?? false,
    slowCompiler: backend.slowCompiler,
    rows: samples * oh * ow,
    columns: filters,
    depth: channels,
  });
  const [xWidth, weightsWidth] = [storedWidth(backend, x), storedWidth(backend, filter)];
  const outputWidth = half ? "half" : widthOf(filters);
  const fits = channels % tile.depth === 0;
  const code = gemmWgsl({
    tile,
    helpers: pixelWgsl("x", xWidth, fits ? undefined : "uniforms.image.w", bnRelu && BN_RELU) +
      readerWgsl("weights", weightsWidth) +
      (bias === undefined ? "" : readerWgsl("bias", widthOf(filters))) +
      (residual === undefined ? "" : readerWgsl("residual", storedWidth(backend, residual))),
    locate: `
    let image = uniforms.image;
    let origin = -uniforms.pad;
    let stride = uniforms.stride;
    let step = uniforms.dilation;
    let grid = uniforms.grid;
    let count = image.x * grid.x * grid.y;
    let channels = image.w;
    let filters = uniforms.filters;
    let tilesAcross = (filters + ${tileColumns(tile) - 1}) / ${tileColumns(tile)};
    let rowStart = group / tilesAcross * ${tileRows(tile)};
    let columnStart = group % tilesAcross * ${tileColumns(tile)};
    let context = vec4<i32>(count, filters, 0, 0);`,
    a: pixelsOperand("x"),
    b: filterOperand(!fits),
    open: (enter) => `
    for (var tapY : i32 = 0; tapY < uniforms.taps.x; tapY = tapY + 1) {
    for (var tapX : i32 = 0; tapX < uniforms.taps.y; tapX = tapX + 1) {
    let tap = vec2<i32>(tapY, tapX);
    let filterTap = tapY * uniforms.taps.y + tapX;
    ${enter}
    for (var c : i32 = 0; c < channels; c = c + ${tile.depth}) {`,
    depth: "c",
    close: "}}",
    rowBegin: "return select(-1, row * context.y, row < context.x);",
    store: `
    ${epilogue(bias !== undefined, residual !== undefined, relu)}
    ${writerWgsl("sum", outputWidth, "uniforms.filters")}`,
  });
  const tensors = [
    { name: "x", tensor: x },
    { name: "weights", tensor: filter },
    ...(bnRelu === undefined ? [] : [
      { name: "scale", tensor: bnRelu.scale },
      { name: "shift", tensor: bnRelu.shift },
    ]),
    ...(bias === undefined ? [] : [{ name: "bias", tensor: bias }]),
    ...(residual === undefined ? [] : [{ name: "residual", tensor: residual }]),
  ];
  const widths = tensors.map(({ tensor }) => storedWidth(backend, tensor));
  const tiles = Math.ceil(samples * oh * ow / tileRows(tile)) *
    Math.ceil(filters / tileColumns(tile));
  const program = webgpuProgram({
    name: `SeamstressConv2D ${tileName(tile)} ${widths} ${outputWidth}${fits ? "" : " masked"}${
      relu ? " relu" : ""
    }`,
    outputShape: geometry.output,
    inputs: tensors.map(({ name }) => name),
    widths,
    outputWidth,
    uniforms:
      "image : vec4<i32>, grid : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, filters : i32,",
    workgroupSize: [tileThreads(tile), 1, 1],
    workgroups: tiles,
    code,
  });
  return backend.runWebGPUProgram(
    program,
    tensors.map(({ tensor }) => tensor),
    "float32",
    [
      ints(...geometry.input),
      ints(oh, ow),
      ints(...geometry.taps),
      ints(...geometry.stride),
      ints(...geometry.dilation),
      ints(geometry.pad[0][0], geometry.pad[1][0]),
      ints(filters),
    ],
  );
}

/** WGSL of bias, then residual, then relu, as at the end of a residual block. */
function epilogue(bias: boolean, residual: boolean, relu: boolean): string {
  return `
    var sum : vec4<f32> = value;
    ${bias ? "sum = sum + read_bias(0, at);" : ""}
    ${residual ? "sum = sum + read_residual(start, at);" : ""}
    ${relu ? "sum = select(sum, vec4<f32>(), sum < vec4<f32>());" : ""}`;
}

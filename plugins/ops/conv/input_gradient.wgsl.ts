import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";
import type { ScaleShift } from "./conv2d.wgsl.ts";
import { pixelsOperand, pixelWgsl, transposedFilterOperand } from "./operands.wgsl.ts";
import { readerWgsl, storedWidth, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { gemmWgsl } from "../webgpu/gemm.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { chooseTile, tileColumns, tileName, tileRows, tileThreads } from "../webgpu/tiles.ts";

/** Options of {@linkcode runConvInputGradient}. */
export interface InputGradientOptions {
  /**
   * Given where the convolution's input was relu(scale·x + shift): the result is then the gradient towards x, through relu and
   * scale. x is read; the activated map is neither read nor written.
   */
  readonly through?: ScaleShift & { readonly x: tf.TensorInfo };
  /** Whether the result is stored in float16; its channels must be a multiple of 4. */
  readonly half?: boolean;
}

/**
 * Gradient of a convolution towards its input, as one implicit matrix product: rows are the input's pixels, columns its channels,
 * the sum goes over the taps that read a pixel and the output's channels. Where the stride is above 1, a pixel is only reached by
 * the taps of its own phase, (y + pad) mod stride: each workgroup computes pixels of one phase and loops over those taps only, so
 * that no multiplications with inserted zeros are needed. Memory traffic and arithmetic are those of {@linkcode runConv2d} with
 * input and output exchanged.
 *
 * @param backend the current one
 * @param dy `[N,h,w,D]` float32
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution, with stride or dilation 1
 * @param options what x is made of and how it is stored
 * @returns `[N,H,W,C]`
 */
export function runConvInputGradient(
  backend: WebGpu,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
  { through, half = false }: InputGradientOptions = {},
): tf.TensorInfo {
  const [samples, height, wide, channels] = geometry.input, filters = geometry.output[3];
  const [sy, sx] = geometry.stride;
  // A phase has at most this many pixels.
  const most = samples * Math.ceil(height / sy) * Math.ceil(wide / sx);
  const tile = chooseTile({
    software: backend.software ?? false,
    slowCompiler: backend.slowCompiler,
    rows: most,
    columns: channels,
    depth: filters,
  });
  const width = widthOf(channels), outputWidth = half ? "half" : width;
  const fits = filters % tile.depth === 0;
  const length = fits ? undefined : "uniforms.filters";
  const perPhase = Math.ceil(most / tileRows(tile)) * Math.ceil(channels / tileColumns(tile));
  const code = gemmWgsl({
    tile,
    helpers: pixelWgsl("dy", storedWidth(backend, dy), length) +
      readerWgsl("weights", storedWidth(backend, filter), length) +
      (through === undefined
        ? ""
        : readerWgsl("x", storedWidth(backend, through.x)) + readerWgsl("scale", width) +
          readerWgsl("shift", width)),
    locate: `
    let image = vec4<i32>(uniforms.image.x, uniforms.dyImage, uniforms.filters);
    let channels = uniforms.image.w;
    let filters = uniforms.filters;
    let strides = uniforms.stride;
    let phaseNumber = group / uniforms.perPhase;
    let phase = vec2<i32>(phaseNumber / strides.y, phaseNumber % strides.y);
    let inPhase = group % uniforms.perPhase;
    let grid = (uniforms.image.yz - phase + strides - vec2<i32>(1)) / strides;
    // Workgroups beyond the last phase (tfjs may dispatch more) have no rows.
    let count = select(0, uniforms.image.x * grid.x * grid.y, phaseNumber < strides.x * strides.y);
    let padded = phase + uniforms.pad;
    let firstTap = padded % strides;
    let taps = max((uniforms.taps - firstTap + strides - vec2<i32>(1)) / strides, vec2<i32>());
    let origin = (padded - firstTap) / strides;
    let stride = vec2<i32>(1);
    let step = -uniforms.dilation;
    let tilesAcross = (channels + ${tileColumns(tile) - 1}) / ${tileColumns(tile)};
    let rowStart = inPhase / tilesAcross * ${tileRows(tile)};
    let columnStart = inPhase % tilesAcross * ${tileColumns(tile)};
    let context = vec4<i32>(count, phase, grid.y);`,
    a: pixelsOperand("dy"),
    b: transposedFilterOperand(),
    open: (enter) => `
    for (var tapY : i32 = 0; tapY < taps.x; tapY = tapY + 1) {
    for (var tapX : i32 = 0; tapX < taps.y; tapX = tapX + 1) {
    let tap = vec2<i32>(tapY, tapX);
    let filterTap = (firstTap.x + tapY * strides.x) * uniforms.taps.y + firstTap.y + tapX * strides.y;
    ${enter}
    for (var d : i32 = 0; d < filters; d = d + ${tile.depth}) {`,
    depth: "d",
    close: "}}",
    rowBegin: `
    if (row >= context.x) { return -1; }
    let line = row / context.w;
    let gridRows = (uniforms.image.y - context.y + uniforms.stride.x - 1) / uniforms.stride.x;
    let y = line % gridRows * uniforms.stride.x + context.y;
    let z = row % context.w * uniforms.stride.y + context.z;
    return ((line / gridRows * uniforms.image.y + y) * uniforms.image.z + z) * uniforms.image.w;`,
    store: `
    var sum : vec4<f32> = value;
    ${
      through === undefined ? "" : `
    let slope = read_scale(0, at);
    sum = select(vec4<f32>(), sum * slope, fma(slope, read_x(start, at), read_shift(0, at)) > vec4<f32>());`
    }
    ${writerWgsl("sum", outputWidth, "uniforms.image.w")}`,
  });
  const tensors = [
    { name: "dy", tensor: dy },
    { name: "weights", tensor: filter },
    ...(through === undefined ? [] : [
      { name: "x", tensor: through.x },
      { name: "scale", tensor: through.scale },
      { name: "shift", tensor: through.shift },
    ]),
  ];
  const widths = tensors.map(({ tensor }) => storedWidth(backend, tensor));
  const program = webgpuProgram({
    name: `SeamstressConvInputGradient ${tileName(tile)} ${widths} ${outputWidth}${
      fits ? "" : " masked"
    }`,
    outputShape: geometry.input,
    inputs: tensors.map(({ name }) => name),
    widths,
    outputWidth,
    uniforms:
      "image : vec4<i32>, dyImage : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, filters : i32, perPhase : i32,",
    workgroupSize: [tileThreads(tile), 1, 1],
    workgroups: perPhase * sy * sx,
    code,
  });
  return backend.runWebGPUProgram(
    program,
    tensors.map(({ tensor }) => tensor),
    "float32",
    [
      ints(...geometry.input),
      ints(geometry.output[1], geometry.output[2]),
      ints(...geometry.taps),
      ints(...geometry.stride),
      ints(...geometry.dilation),
      ints(geometry.pad[0][0], geometry.pad[1][0]),
      ints(filters),
      ints(perPhase),
    ],
  );
}

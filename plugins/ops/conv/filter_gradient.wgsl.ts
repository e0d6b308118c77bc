import type * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";
import type { ScaleShift } from "./conv2d.wgsl.ts";
import { BN_RELU, pixelWgsl } from "./operands.wgsl.ts";
import { readerWgsl, storedWidth, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { gemmWgsl, type Operand } from "../webgpu/gemm.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { splitSum, sumParts } from "../webgpu/sum_parts.wgsl.ts";
import {
  chooseTile,
  type Tile,
  tileColumns,
  tileName,
  tileRows,
  tileThreads,
} from "../webgpu/tiles.ts";

/**
 * Rows: input channels at each tap, padded to a multiple of 4, so that four rows share a tap. Sum: pixels of one row of the output.
 */
const imageOperand: Operand = {
  contiguous: "outer",
  setup: (id, row) => `
    let ${id}Tap = ${row} / paddedChannels;
    let ${id}Channel = ${row} % paddedChannels;
    let ${id}Y = ${id}Tap / uniforms.taps.y * uniforms.dilation.x - uniforms.pad.x;
    let ${id}X = ${id}Tap % uniforms.taps.y * uniforms.dilation.y - uniforms.pad.y;`,
  enter: (id) => `
    let ${id}Row = outRow * uniforms.stride.x + ${id}Y;
    let ${id}Inside = ${id}Row >= 0 && ${id}Row < image.y && ${id}Tap < taps;
    let ${id}Line = (sample * image.y + ${id}Row) * image.z;`,
  load: (id, k, count) =>
    [0, 1, 2, 3].slice(0, count).map((q) => `
      let ${id}c${q} = (${k} + ${q}) * uniforms.stride.y + ${id}X;
      let ${id}q${q} = pixel_x(
        select(-1, (${id}Line + ${id}c${q}) * image.w,
          ${id}Inside && ${id}c${q} >= 0 && ${id}c${q} < image.z && ${k} + ${q} < wide),
        ${id}Channel);`).join(""),
};

/**
 * Columns: output channels.
 *
 * @param masked whether the kernel reads beyond a row's end along the sum
 * @returns the operand
 */
function gradientOperand(masked: boolean): Operand {
  return {
    contiguous: "outer",
    setup: (id, column) => `let ${id}Column = ${column};`,
    enter: () => "",
    load: (id, k, count) =>
      [0, 1, 2, 3].slice(0, count).map((q) => {
        const read = `read_dy((line * wide + ${k} + ${q}) * filters, ${id}Column)`;
        return `let ${id}q${q} = ${
          masked ? `select(vec4<f32>(), ${read}, ${k} + ${q} < wide)` : read
        };`;
      }).join("\n      "),
  };
}

/**
 * Gradient of a convolution towards its filter, as one implicit matrix product: rows are the input's channels at each tap, columns
 * the output's channels, the sum goes over all pixels of the output. That sum is long and the result small: it is split by rows of
 * pixels into as many parts as fill the device, each with its own partial result; a second pass adds these in a fixed order. No
 * float atomics are used, so results are bitwise reproducible. Memory traffic: x is read once per tap and tile of columns, dy once
 * per tile of rows (both mostly from caches); the partial results are written and read once. Arithmetic: float32, 2·N·h·w·kh·kw·C·D
 * operations and the parts' sum.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param dy `[N,h,w,D]`
 * @param geometry of the convolution
 * @param bnRelu given where the convolution's input was relu(scale·x + shift), which is recomputed without being stored
 * @returns `[kh,kw,C,D]`
 */
export function runConvFilterGradient(
  backend: WebGpu,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  geometry: ConvGeometry,
  bnRelu?: ScaleShift,
): tf.TensorInfo {
  const [samples, oh, ow, filters] = geometry.output, channels = geometry.input[3];
  const taps = geometry.taps[0] * geometry.taps[1];
  const rows = taps * 4 * Math.ceil(channels / 4);
  const tile = chooseTile({
    software: backend.software ?? false,
    slowCompiler: backend.slowCompiler,
    rows,
    columns: filters,
    depth: ow,
  });
  const [xWidth, dyWidth] = [storedWidth(backend, x), storedWidth(backend, dy)];
  const width = widthOf(filters);
  const fits = ow % tile.depth === 0;
  const tiles = Math.ceil(rows / tileRows(tile)) * Math.ceil(filters / tileColumns(tile));
  const shape = [...geometry.taps, channels, filters];
  const { parts, lines } = splitSum(backend, {
    lines: samples * oh,
    pixels: ow,
    size: taps * channels * filters,
    workgroups: tiles,
  });
  const vectors = bnRelu === undefined ? [] : [bnRelu.scale, bnRelu.shift];
  const program = webgpuProgram({
    name: `SeamstressConvFilterGradient ${tileName(tile)} ${xWidth}${dyWidth}${width}${
      fits ? "" : " masked"
    }`,
    outputShape: parts === 1 ? shape : [parts, ...shape],
    inputs: ["x", "dy", ...(bnRelu === undefined ? [] : ["scale", "shift"])],
    widths: [xWidth, dyWidth, ...vectors.map(() => widthOf(channels))],
    outputWidth: width,
    uniforms:
      "image : vec4<i32>, outImage : vec2<i32>, taps : vec2<i32>, stride : vec2<i32>, dilation : vec2<i32>, pad : vec2<i32>, filters : i32, lines : i32,",
    workgroupSize: [tileThreads(tile), 1, 1],
    workgroups: tiles * parts,
    code: gemmWgsl({
      tile,
      helpers: pixelWgsl("x", xWidth, undefined, bnRelu && BN_RELU) + readerWgsl("dy", dyWidth),
      locate: locate(tile),
      a: imageOperand,
      b: gradientOperand(!fits),
      open: (enter) => `
    for (var line : i32 = lineFrom; line < lineTo; line = line + 1) {
    let sample = line / uniforms.outImage.x;
    let outRow = line % uniforms.outImage.x;
    ${enter}
    for (var column : i32 = 0; column < wide; column = column + ${tile.depth}) {`,
      depth: "column",
      close: "}",
      rowBegin: `
    let paddedChannels = (uniforms.image.w + 3) / 4 * 4;
    let tap = row / paddedChannels;
    let channel = row % paddedChannels;
    if (context.x < 0 || tap >= context.y || channel >= uniforms.image.w) { return -1; }
    return ((context.x * context.y + tap) * uniforms.image.w + channel) * uniforms.filters;`,
      store: writerWgsl("value", width, "uniforms.filters"),
    }),
  });
  const result = backend.runWebGPUProgram(program, [x, dy, ...vectors], "float32", [
    ints(...geometry.input),
    ints(oh, ow),
    ints(...geometry.taps),
    ints(...geometry.stride),
    ints(...geometry.dilation),
    ints(geometry.pad[0][0], geometry.pad[1][0]),
    ints(filters),
    ints(lines),
  ]);
  if (parts === 1) return result;
  const sum = sumParts(backend, result, shape);
  backend.disposeData(result.dataId);
  return sum;
}

const locate = (tile: Tile) => `
    let image = uniforms.image;
    let filters = uniforms.filters;
    let wide = uniforms.outImage.y;
    let taps = uniforms.taps.x * uniforms.taps.y;
    let paddedChannels = (image.w + 3) / 4 * 4;
    let tilesAcross = (filters + ${tileColumns(tile) - 1}) / ${tileColumns(tile)};
    let tilesDown = (taps * paddedChannels + ${tileRows(tile) - 1}) / ${tileRows(tile)};
    let part = group / (tilesAcross * tilesDown);
    let inPart = group % (tilesAcross * tilesDown);
    let rowStart = inPart / tilesAcross * ${tileRows(tile)};
    let columnStart = inPart % tilesAcross * ${tileColumns(tile)};
    let lines = image.x * uniforms.outImage.x;
    let lineFrom = part * uniforms.lines;
    let lineTo = min(lineFrom + uniforms.lines, lines);
    // Workgroups beyond the last part (tfjs may dispatch more) write nothing.
    let context = vec4<i32>(select(-1, part, lineFrom < lines), taps, 0, 0);`;

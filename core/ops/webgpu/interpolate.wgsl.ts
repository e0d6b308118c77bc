import * as tf from "@tensorflow/tfjs";
import { readerWgsl, widthOf, writerWgsl } from "./elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "./program.ts";

/** Invocations a workgroup. */
const THREADS = 64;

/** Weights of one axis, `[to][from]`. */
export interface AxisWeights {
  readonly weights: Float32Array;
  readonly from: number;
  readonly to: number;
}

/** A matrix whose rows are zero outside of a short range of columns. */
interface Band {
  readonly from: number;
  readonly to: number;
  /** Most columns that a row needs. */
  readonly width: number;
  /** `[to][1 + width]`: a row's first column, then its weights from there on. */
  readonly table: Float32Array;
}

/**
 * Interpolates an image along both axes, or applies the transpose, its gradient. One kernel reads all taps of a pixel where that is
 * less than to read those of one axis, write what they give, and read that along the other axis: two kernels, the axis that shrinks
 * more (or grows less) first.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param axes of height and width
 * @returns `[N,h,w,C]`
 */
export function runInterpolate(
  backend: WebGpu,
  x: tf.TensorInfo,
  axes: readonly [AxisWeights, AxisWeights],
): tf.TensorInfo {
  const [rows, columns] = axes.map(bandOf) as [Band, Band];
  const whole = rows.to * columns.to * rows.width * columns.width;
  const rowsFirst = rows.to * columns.from <= rows.from * columns.to;
  const [first, second] = rowsFirst ? [rows, columns] : [columns, rows];
  const apart = first.to * (second.from * (first.width + 1) + second.to * second.width);
  if (whole <= apart) return combine(backend, x, { rows, columns });
  const between = combine(backend, x, rowsFirst ? { rows } : { columns });
  const out = combine(backend, between, rowsFirst ? { columns } : { rows });
  backend.disposeData(between.dataId);
  return out;
}

/**
 * Multiplies by one or two matrices without their zeros, one invocation four channels of one pixel. Arithmetic: float32, in the order
 * of rows and columns, two operations an element and tap. Traffic: every element of x as often as output pixels meet it, from caches,
 * for neighbouring invocations lie side by side; the output once.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param axes from H, from W; an axis that is left out stays as it is
 * @returns `[N,h,w,C]`
 */
function combine(
  backend: WebGpu,
  x: tf.TensorInfo,
  { rows, columns }: { readonly rows?: Band; readonly columns?: Band },
): tf.TensorInfo {
  const [samples, height, width, channels] = x.shape as [number, number, number, number];
  const outputShape = [samples, rows?.to ?? height, columns?.to ?? width, channels];
  const elements = widthOf(channels);
  const [ofRows, ofColumns] = [rows?.table ?? [], columns?.table ?? []];
  const table = tf.tensor1d(Float32Array.from([...ofRows, ...ofColumns]));
  const program = webgpuProgram({
    name: `SeamstressInterpolate ${elements} ${rows ? "rows" : ""} ${columns ? "columns" : ""}`,
    outputShape,
    inputs: ["x", "table"],
    widths: [elements, 1],
    outputWidth: elements,
    uniforms: "ofColumns : i32, band : vec2<i32>,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(
      tf.util.sizeFromShape(outputShape.slice(0, 3)) * Math.ceil(channels / 4) / THREADS,
    ),
    code: `
  ${readerWgsl("x", elements, elements === 4 ? undefined : "uniforms.outShape.w")}
  fn main(index : i32) {
    let image = uniforms.xShape;
    let to = uniforms.outShape;
    let quads = (to.w + 3) / 4;
    let at = index % quads * 4;
    let pixel = index / quads;
    let column = pixel % to.z;
    let row = pixel / to.z % to.y;
    let sample = pixel / to.z / to.y;
    if (sample >= to.x) { return; }
    var value : vec4<f32> = vec4<f32>();
    ${range("y", "row", rows && "row * (uniforms.band.x + 1)", "uniforms.band.x", "image.y")}
      var line : vec4<f32> = vec4<f32>();
      ${
      range(
        "z",
        "column",
        columns && "uniforms.ofColumns + column * (uniforms.band.y + 1)",
        "uniforms.band.y",
        "image.z",
      )
    }
        line = fma(vec4<f32>(zWeight), read_x(((sample * image.y + y) * image.z + z) * to.w, at), line);
      }
      value = fma(vec4<f32>(yWeight), line, value);
    }
    let start = pixel * to.w;
    ${writerWgsl("value", elements, "to.w")}
  }
`,
  });
  const out = backend.runWebGPUProgram(program, [x, table], "float32", [
    ints(ofRows.length),
    ints(rows?.width ?? 0, columns?.width ?? 0),
  ]);
  table.dispose();
  return out;
}

/**
 * WGSL that opens the block in which an index and its weight go through what an output pixel meets.
 *
 * @param name of the index
 * @param output the output's index along the axis
 * @param entry where its weights are in the table; undefined where the axis stays as it is
 * @param band most weights
 * @param end length of the axis
 * @returns statements up to the opened brace
 */
function range(
  name: string,
  output: string,
  entry: string | undefined,
  band: string,
  end: string,
): string {
  if (entry === undefined) return `{ let ${name} = ${output}; let ${name}Weight = 1.0;`;
  return `
    let ${name}Entry = ${entry};
    let ${name}First = i32(table[${name}Entry]);
    let ${name}End = min(${name}First + ${band}, ${end});
    for (var ${name} : i32 = ${name}First; ${name} < ${name}End; ${name} = ${name} + 1) {
      let ${name}Weight = table[${name}Entry + 1 + ${name} - ${name}First];`;
}

function bandOf({ weights, from, to }: AxisWeights): Band {
  const ranges = Array.from({ length: to }, (_, row) => {
    const of = weights.subarray(row * from, (row + 1) * from);
    const first = of.findIndex((weight) => weight !== 0);
    return first < 0 ? { first: 0, end: 0 } : { first, end: of.findLastIndex((w) => w !== 0) + 1 };
  });
  const width = Math.max(...ranges.map(({ first, end }) => end - first));
  const table = new Float32Array(to * (1 + width));
  ranges.forEach(({ first, end }, row) => {
    table[row * (1 + width)] = first;
    table.set(weights.subarray(row * from + first, row * from + end), row * (1 + width) + 1);
  });
  return { from, to, width, table };
}

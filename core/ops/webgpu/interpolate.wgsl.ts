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
  const tables = new Float32Array(ofRows.length + ofColumns.length);
  tables.set(ofRows);
  tables.set(ofColumns, ofRows.length);
  const table = tf.tensor1d(tables);
  const y = taps("y", "row", rows, "row * (uniforms.band.x + 1)", "x", "image.y");
  const z = taps(
    "z",
    "column",
    columns,
    "uniforms.ofColumns + column * (uniforms.band.y + 1)",
    "y",
    "image.z",
  );
  const program = webgpuProgram({
    name: `SeamstressInterpolate ${elements} ${y.name} ${z.name}`,
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
    ${y.declare}
    ${z.declare}
    var value : vec4<f32> = vec4<f32>();
    ${
      y.visit(`
      var line : vec4<f32> = vec4<f32>();
      ${
        z.visit(`
        let source = ((sample * image.y + y) * image.z + z) * to.w;
        line = fma(vec4<f32>(zWeight), read_x(source, at), line);`)
      }
      value = fma(vec4<f32>(yWeight), line, value);`)
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

/** WGSL that goes through what an output pixel meets along one axis. */
interface Taps {
  /** What the code depends on. */
  readonly name: string;
  readonly declare: string;
  /** Repeats statements that see the index and `<index>Weight`. */
  readonly visit: (statements: string) => string;
}

/**
 * @param index what statements call the input's index
 * @param output the output's index along the axis
 * @param band the axis; undefined where it stays as it is
 * @param entry where the output's weights are in the table
 * @param lane of `uniforms.band`
 * @param size of the input
 * @returns one visit where the axis stays, two without a loop for up to two taps, else a loop
 */
function taps(
  index: string,
  output: string,
  band: Band | undefined,
  entry: string,
  lane: string,
  size: string,
): Taps {
  const one = (at: string, weight: string, statements: string) =>
    `{ let ${index} = ${at}; let ${index}Weight = ${weight}; ${statements} }`;
  if (band === undefined) {
    return { name: "none", declare: "", visit: (statements) => one(output, "1.0", statements) };
  }
  const declare = `let ${index}Entry = ${entry}; let ${index}First = i32(table[${index}Entry]);`;
  if (band.width <= 2) {
    const each = Array.from({ length: band.width }, (_, tap) => tap);
    return {
      name: `${band.width}`,
      declare: [
        declare,
        ...each.map((tap) => `let ${index}Weight${tap} = table[${index}Entry + ${1 + tap}];`),
      ].join(" "),
      // At the image's edge the second weight is 0.
      visit: (statements) =>
        each.map((tap) =>
          one(`min(${index}First + ${tap}, ${size} - 1)`, `${index}Weight${tap}`, statements)
        ).join("\n      "),
    };
  }
  return {
    name: "many",
    declare: `${declare} let ${index}End = min(${index}First + uniforms.band.${lane}, ${size});`,
    visit: (statements) => `
    for (var ${index} : i32 = ${index}First; ${index} < ${index}End; ${index} = ${index} + 1) {
      let ${index}Weight = table[${index}Entry + 1 + ${index} - ${index}First];
      ${statements}
    }`,
  };
}

/** Plain loops: with callbacks this took longer than the kernel. */
function bandOf({ weights, from, to }: AxisWeights): Band {
  const first = new Int32Array(to), end = new Int32Array(to);
  let width = 0;
  for (let row = 0; row < to; row++) {
    let low = row * from, high = low + from;
    while (low < high && weights[low] === 0) low++;
    while (high > low && weights[high - 1] === 0) high--;
    [first[row], end[row]] = [low - row * from, high - row * from];
    width = Math.max(width, high - low);
  }
  const table = new Float32Array(to * (1 + width));
  for (let row = 0; row < to; row++) {
    table[row * (1 + width)] = first[row]!;
    for (let column = first[row]!; column < end[row]!; column++) {
      table[row * (1 + width) + 1 + column - first[row]!] = weights[row * from + column]!;
    }
  }
  return { from, to, width, table };
}

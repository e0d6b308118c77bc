import * as tf from "@tensorflow/tfjs";
import type { Alignment } from "./alignment.ts";
import type { InterpolateImageAttributes } from "./attributes.ts";
import { readerWgsl, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { ints, type Uniform, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/** An axis that is interpolated, or whose gradient is computed. */
interface Axis {
  readonly gradient: boolean;
  /** Length in pixels of the input axis and of the output axis. */
  readonly read: number;
  readonly write: number;
  /** Maximum number of input pixels per output pixel. */
  readonly taps: number;
  /** The coordinate that an output pixel of the forward interpolation reads, see {@linkcode coordinate}. */
  readonly scale: Scale;
}

/**
 * The coordinate that output pixel i reads, as an exact fraction: `(step·i + offset) / unit`, to be clamped to 0 .. last / unit.
 * Fits 32 bits up to 32,767 pixels.
 */
interface Scale {
  readonly step: number;
  readonly offset: number;
  readonly unit: number;
  readonly last: number;
}

/** See {@linkcode Alignment}; with one output pixel there are no corners to align, and pixel 0 is read. */
function coordinate(from: number, to: number, alignment: Alignment): Scale {
  const [step, offset, unit] = alignment === "half-pixel"
    ? [2 * from, from - to, 2 * to]
    : alignment === "legacy"
    ? [from, 0, to]
    : to > 1
    ? [from - 1, 0, to - 1]
    : [0, 0, 1];
  return { step, offset, unit, last: (from - 1) * unit };
}

function axisOf(
  from: number,
  to: number,
  { alignment, direction }: InterpolateImageAttributes,
): Axis | undefined {
  if (from === to) return undefined;
  const scale = coordinate(from, to, alignment);
  if (direction === "forward") return { gradient: false, read: from, write: to, taps: 2, scale };
  // Output pixels whose coordinate is less than one pixel away, on both sides; all of them where every output pixel reads the same
  // input pixel.
  const taps = scale.step === 0 ? to : Math.min(to, Math.ceil(2 * scale.unit / scale.step));
  return { gradient: true, read: to, write: from, taps, scale };
}

/**
 * Interpolates an image along both axes, or applies the transpose, which is the gradient. One kernel reads all taps of a pixel
 * where that costs less memory traffic than a separable interpolation; otherwise two kernels each process one axis, the axis that
 * shrinks more (or grows less) first.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param attributes sizes, alignment and direction
 * @returns `[N,h,w,C]`
 */
export function runInterpolate(
  backend: WebGpu,
  x: tf.TensorInfo,
  attributes: InterpolateImageAttributes,
): tf.TensorInfo {
  const { from, to } = attributes;
  const rows = axisOf(from[0], to[0], attributes), columns = axisOf(from[1], to[1], attributes);
  if (rows === undefined || columns === undefined) return combine(backend, x, { rows, columns });
  const whole = rows.write * columns.write * rows.taps * columns.taps;
  const rowsFirst = rows.write * columns.read <= rows.read * columns.write;
  const [first, second] = rowsFirst ? [rows, columns] : [columns, rows];
  const apart = first.write * (second.read * (first.taps + 1) + second.write * second.taps);
  if (whole <= apart) return combine(backend, x, { rows, columns });
  const between = combine(backend, x, rowsFirst ? { rows } : { columns });
  const out = combine(backend, between, rowsFirst ? { columns } : { rows });
  backend.disposeData(between.dataId);
  return out;
}

/**
 * Interpolates along one or two axes, one invocation per four channels of one pixel. The taps are computed in the kernel, in
 * integer arithmetic except for the weight itself (exact to one rounding), so that no table has to be built or uploaded.
 * Arithmetic: float32, in the order of rows and columns, two operations per element and tap. Memory traffic: every element of x is
 * read once per output pixel that uses it, mostly from caches, because neighbouring invocations read neighbouring pixels; the
 * output is written once.
 *
 * @param backend the current one
 * @param x `[N,H,W,C]` float32
 * @param axes of H, of W; undefined where it stays as it is
 * @returns `[N,h,w,C]`
 */
function combine(
  backend: WebGpu,
  x: tf.TensorInfo,
  { rows, columns }: {
    readonly rows?: Axis | undefined;
    readonly columns?: Axis | undefined;
  },
): tf.TensorInfo {
  const [samples, height, width, channels] = x.shape as [number, number, number, number];
  const outputShape = [samples, rows?.write ?? height, columns?.write ?? width, channels];
  const elements = widthOf(channels);
  const y = taps("y", "row", rows, "image.y"), z = taps("z", "column", columns, "image.z");
  const program = webgpuProgram({
    name: `SeamstressInterpolate ${elements} ${y.name} ${z.name}`,
    outputShape,
    inputs: ["x"],
    widths: [elements],
    outputWidth: elements,
    uniforms: "yScale : vec4<i32>, zScale : vec4<i32>, yWeight : f32, zWeight : f32, quads : i32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(
      tf.util.sizeFromShape(outputShape.slice(0, 3)) * Math.ceil(channels / 4) / THREADS,
    ),
    code: `
  ${readerWgsl("x", elements, elements === 4 ? undefined : "uniforms.outShape.w")}
  fn main(index : i32) {
    let image = uniforms.xShape;
    let to = uniforms.outShape;
    let pixel = index / uniforms.quads;
    let at = (index - pixel * uniforms.quads) * 4;
    let line = pixel / to.z;
    let column = pixel - line * to.z;
    let sample = line / to.y;
    let row = line - sample * to.y;
    if (sample >= to.x) { return; }
    ${y.declare}
    ${z.declare}
    var value : vec4<f32> = vec4<f32>();
    ${
      y.visit(`
      var across : vec4<f32> = vec4<f32>();
      ${
        z.visit(`
        let source = ((sample * image.y + y) * image.z + z) * to.w;
        across = fma(vec4<f32>(zShare), read_x(source, at), across);`)
      }
      value = fma(vec4<f32>(yShare), across, value);`)
    }
    let start = pixel * to.w;
    ${writerWgsl("value", elements, "to.w")}
  }
`,
  });
  return backend.runWebGPUProgram(program, [x], "float32", [
    scaleUniform(rows),
    scaleUniform(columns),
    weightUniform(rows),
    weightUniform(columns),
    ints(Math.ceil(channels / 4)),
  ]);
}

function scaleUniform(axis: Axis | undefined): Uniform {
  const { step, offset, unit, last } = axis?.scale ?? { step: 0, offset: 0, unit: 1, last: 0 };
  return ints(step, offset, unit, last);
}

function weightUniform(axis: Axis | undefined): Uniform {
  return { type: "float32", data: [1 / (axis?.scale.unit ?? 1)] };
}

/** WGSL that loops over the taps of an output pixel along one axis. */
interface Taps {
  /** Identifies the generated code. */
  readonly name: string;
  readonly declare: string;
  /** Generates code that runs the statements for each tap; they see the index and `<index>Share`, its weight. */
  readonly visit: (statements: string) => string;
}

/**
 * @param index what statements call the input's index
 * @param output the output's index along the axis
 * @param axis how it is interpolated; undefined where it stays as it is
 * @param size of the input
 * @returns one tap where the axis is unchanged, two unrolled taps for the forward pass, a loop for the gradient
 */
function taps(index: string, output: string, axis: Axis | undefined, size: string): Taps {
  const one = (at: string, share: string, statements: string) =>
    `{ let ${index} = ${at}; let ${index}Share = ${share}; ${statements} }`;
  if (axis === undefined) {
    return { name: "none", declare: "", visit: (statements) => one(output, "1.0", statements) };
  }
  const scale = `uniforms.${index}Scale`, weight = `uniforms.${index}Weight`;
  const source = (i: string) => `clamp(${i} * ${scale}.x + ${scale}.y, 0, ${scale}.w)`;
  if (axis.gradient) {
    // All i with (output - 1) unit < step i + offset < (output + 1) unit; coordinates outside of the image are clamped to its edge.
    return {
      name: "gradient",
      declare: `
    let ${index}Step = max(${scale}.x, 1);
    let ${index}Below = (${output} - 1) * ${scale}.z - ${scale}.y;
    let ${index}Above = (${output} + 1) * ${scale}.z - ${scale}.y;
    let ${index}First = select(${index}Below / ${index}Step + 1, 0, ${output} == 0 || ${index}Below < 0);
    let ${index}End = select(
      min((${index}Above + ${index}Step - 1) / ${index}Step, ${size}), ${size},
      ${output} * ${scale}.z == ${scale}.w);`,
      visit: (statements) => `
    for (var ${index} : i32 = ${index}First; ${index} < ${index}End; ${index} = ${index} + 1) {
      let ${index}Share =
        f32(${scale}.z - abs(${source(index)} - ${output} * ${scale}.z)) * ${weight};
      ${statements}
    }`,
    };
  }
  return {
    name: "forward",
    declare: `
    let ${index}At = ${source(output)};
    let ${index}First = ${index}At / ${scale}.z;
    let ${index}Part = f32(${index}At - ${index}First * ${scale}.z) * ${weight};`,
    // At the image's edge the second weight is 0.
    visit: (statements) =>
      one(`${index}First`, `1.0 - ${index}Part`, statements) +
      one(`min(${index}First + 1, ${size} - 1)`, `${index}Part`, statements),
  };
}

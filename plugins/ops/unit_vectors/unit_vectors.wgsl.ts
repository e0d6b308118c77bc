import type * as tf from "@tensorflow/tfjs";
import { readerWgsl, widthOf, writerWgsl } from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Lower bound of the squared norm in divisions. Its root is far below any practical epsilon, so that no result changes. */
export const SHORTEST_SQUARED = 1e-30;

/** Invocations per workgroup. */
const THREADS = 64;

/**
 * Divides every vector by its length plus epsilon, or computes the gradient of that, one invocation per vector. Arithmetic:
 * float32, 3·D operations forward, 7·D backward. Memory traffic: x (and dy) are read twice, the second time from a cache; the
 * output is written once. Nothing else is written, whereas a composition of tfjs's ops also stores the squares and the quotient.
 *
 * @param backend the current one
 * @param x `[N,P,D]` float32
 * @param epsilon added to each length
 * @param dy gradient of the result; if given, the gradient towards x is computed, otherwise the forward result
 * @returns `[N,P,D]`
 */
export function runUnitVectors(
  backend: WebGpu,
  x: tf.TensorInfo,
  epsilon: number,
  dy?: tf.TensorInfo,
): tf.TensorInfo {
  const depth = x.shape[2]!, width = widthOf(depth);
  const tensors = dy === undefined ? [x] : [x, dy];
  const names = ["x", "dy"].slice(0, tensors.length);
  const vectors = x.shape[0]! * x.shape[1]!;
  const program = webgpuProgram({
    name: `SeamstressUnitVectors ${width} ${names}`,
    outputShape: x.shape,
    inputs: names,
    widths: names.map(() => width),
    outputWidth: width,
    uniforms: "vectors : i32, depth : i32, epsilon : f32,",
    workgroupSize: [THREADS, 1, 1],
    workgroups: Math.ceil(vectors / THREADS),
    code: `
  ${
      names.map((name) => readerWgsl(name, width, width === 4 ? undefined : "uniforms.depth")).join(
        "",
      )
    }
  fn main(index : i32) {
    if (index >= uniforms.vectors) { return; }
    let depth = uniforms.depth;
    let start = index * depth;
    var squared : f32 = 0.0;
    var along : f32 = 0.0;
    for (var at : i32 = 0; at < depth; at = at + 4) {
      let value = read_x(start, at);
      squared = squared + dot(value, value);
      ${dy === undefined ? "" : "along = along + dot(value, read_dy(start, at));"}
    }
    let short = squared < ${SHORTEST_SQUARED};
    let length = sqrt(select(squared, ${SHORTEST_SQUARED}, short));
    let factor = 1.0 / (length + uniforms.epsilon);
    let back = select(along * factor * factor / length, 0.0, short);
    for (var at : i32 = 0; at < depth; at = at + 4) {
      let value = ${
      dy === undefined
        ? "factor * read_x(start, at)"
        : "factor * read_dy(start, at) - back * read_x(start, at)"
    };
      ${writerWgsl("value", width, "depth")}
    }
  }
`,
  });
  return backend.runWebGPUProgram(program, tensors, "float32", [
    ints(vectors),
    ints(depth),
    { type: "float32", data: [epsilon] },
  ]);
}

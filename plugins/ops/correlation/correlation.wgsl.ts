import type * as tf from "@tensorflow/tfjs";
import { directCorrelation } from "./direct.wgsl.ts";
import { stagedCorrelation } from "./staged.wgsl.ts";
import { widthOf } from "../webgpu/elements.wgsl.ts";
import { ints, type WebGpu, webgpuProgram } from "../webgpu/program.ts";

/** Tensors of one correlation. */
export interface CorrelationInputs {
  /** `[N,P,D]`, the vectors whose dot products are the affinities. */
  readonly unit: tf.TensorInfo;
  /** `[N,P,C]`, the values that are summed; `unit` itself for the gradient. */
  readonly values: tf.TensorInfo;
  /** Both `[N,P,E]`: where the affinities are positive, the weights are these tensors' dot products instead (the gradient). */
  readonly slope?: { readonly left: tf.TensorInfo; readonly right: tf.TensorInfo };
}

/**
 * For every pixel, sums all pixels' values weighted by the pixels' similarity, without storing a pixels x pixels matrix: out_j =
 * Σ_i w_ij · values_i, where w_ij = relu(unit_j · unit_i), or with a slope left_j · right_i where unit_j · unit_i > 0 and 0
 * elsewhere: this is the gradient, which recomputes the affinities. As in flash attention, the weights between a tile of pixels j
 * and a tile of pixels i stay on chip: they are computed, used and discarded there.
 *
 * Arithmetic: float32, 2·N·P²·(D + E + C) operations; every output is one invocation's sum over i in order, so the result is
 * deterministic. Memory: none besides the inputs and the output. Memory traffic: for every tile of j, `unit`, `right` and `values`
 * are read completely. A GPU shares tiles in workgroup memory (staged.wgsl.ts); an adapter that computes on the CPU keeps a larger
 * tile in each invocation's registers (direct.wgsl.ts), because there a barrier costs more than it saves.
 *
 * @param backend the current one
 * @param inputs the tensors
 * @returns `[N,P,C]`
 */
export function runCorrelation(
  backend: WebGpu,
  { unit, values, slope }: CorrelationInputs,
): tf.TensorInfo {
  const [samples, pixels, depth] = unit.shape as [number, number, number];
  const columns = values.shape[2]!;
  const shape = { depth, columns, slopeDepth: slope?.left.shape[2] };
  const generate = backend.software ? directCorrelation : stagedCorrelation;
  const { name, threads, workgroups, code } = generate(shape);
  const tensors = [
    { name: "unit", tensor: unit },
    // A tensor can be bound only once: where the values are the unit vectors (the gradient), both are read under one name.
    ...(values.dataId === unit.dataId ? [] : [{ name: "values", tensor: values }]),
    ...(slope === undefined
      ? []
      : [{ name: "left", tensor: slope.left }, { name: "right", tensor: slope.right }]),
  ];
  const widths = tensors.map(({ tensor }) => widthOf(tensor.shape[2]!));
  const program = webgpuProgram({
    name: `SeamstressCorrelation ${name} ${tensors.length} ${widths} ${widthOf(columns)}`,
    outputShape: [samples, pixels, columns],
    inputs: tensors.map(({ name }) => name),
    widths,
    outputWidth: widthOf(columns),
    uniforms: "samples : i32, pixels : i32, depth : i32, columns : i32, slopeDepth : i32,",
    workgroupSize: [threads, 1, 1],
    workgroups: workgroups(samples, pixels),
    code,
  });
  return backend.runWebGPUProgram(program, tensors.map(({ tensor }) => tensor), "float32", [
    ...[samples, pixels, depth, columns, shape.slopeDepth ?? 0].map((value) => ints(value)),
  ]);
}

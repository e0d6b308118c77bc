import * as tf from "@tensorflow/tfjs";
import { widthOf } from "../webgpu/elements.wgsl.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import { reuseOrCopy } from "../webgpu/in_place.ts";
import { ints, type Uniform, webgpuProgram } from "../webgpu/program.ts";
import { range } from "../webgpu/range.ts";

/** Invocations per workgroup. */
const THREADS = 64;

/** Indices that one invocation updates: enough work to outweigh the cost of starting a workgroup. */
const EACH = 4;

/** Most parameters per dispatch: with more, each workgroup searches longer for its own parameter. */
const TOGETHER = 8;

/** Attributes of the update. */
export interface SgdUpdateAttributes {
  readonly momentum: number;
  /** One per parameter. */
  readonly rates: readonly number[];
  /** One per parameter. */
  readonly weightDecays: readonly number[];
}

interface Parameter {
  readonly variable: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly momentum: tf.TensorInfo | undefined;
  readonly rate: number;
  readonly weightDecay: number;
}

/**
 * Updates parameters in place, up to eight per dispatch, as many as the device's limit of storage buffers allows (two at WebGPU's
 * minimum of 8 buffers). A workgroup finds its parameter in a table of bounds in the uniforms; an invocation updates four indices
 * of four elements each (of one element where the size is no multiple of 4), and neighbouring invocations update neighbouring
 * indices. Memory traffic: variable and momentum are read and written once, the gradient is read once. Arithmetic: float32, six
 * operations per element. No memory is allocated, except for copies of buffers that other tensors share.
 *
 * @param backend the current one
 * @param inputs `w0`, `g0`, and `m0` where there is momentum, `w1`, …; the buffers of `w` and `m` are overwritten
 * @param attributes factors
 * @returns the new `w0`, `m0`, `w1`, …
 */
export function runSgdUpdate(
  backend: WebGpuBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { momentum, rates, weightDecays }: SgdUpdateAttributes,
): tf.TensorInfo[] {
  const gradients = rates.map((_, i) => inputs[`g${i}`]!);
  const alsoGradients = new Set(gradients.map(({ dataId }) => dataId));
  const own = (tensor: tf.TensorInfo) =>
    reuseOrCopy(backend, tensor, alsoGradients.has(tensor.dataId));
  const parameters = rates.map((rate, i): Parameter => {
    const remembered = inputs[`m${i}`];
    return {
      variable: own(inputs[`w${i}`]!),
      gradient: gradients[i]!,
      momentum: remembered && own(remembered),
      rate,
      weightDecay: weightDecays[i]!,
    };
  });
  const buffers = inputs["m0"] ? 3 : 2;
  const together = Math.min(
    TOGETHER,
    Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / buffers),
  );
  for (const width of [4, 1] as const) {
    const alike = parameters.filter(({ variable }) => widthOf(sizeOf(variable)) === width);
    for (let first = 0; first < alike.length; first += together) {
      dispatch(backend, alike.slice(first, first + together), width, momentum);
    }
  }
  return parameters.flatMap(({ variable, momentum }) =>
    momentum ? [variable, momentum] : [variable]
  );
}

const sizeOf = ({ shape }: tf.TensorInfo) => tf.util.sizeFromShape(shape);

/**
 * Dispatches the kernel as tfjs does its own: in order with them, counted and timed as one of them. Only the shader is compiled by
 * this project.
 */
function dispatch(
  backend: WebGpuBackend,
  parameters: readonly Parameter[],
  width: 1 | 4,
  momentum: number,
): void {
  // The kernel gets every tensor as a vector, because the layout of tfjs's uniforms depends on the ranks.
  const flat = (tensor: tf.TensorInfo): tf.TensorInfo => ({ ...tensor, shape: [sizeOf(tensor)] });
  const variables = parameters.map(({ variable }) => flat(variable));
  const momenta = parameters.flatMap(({ momentum }) => momentum ? [flat(momentum)] : []);
  const gradients = parameters.map(({ gradient }) => flat(gradient));
  const [result, ...others] = variables;
  const inputs = [...others, ...momenta, ...gradients];
  const count = parameters.length, remembers = momenta.length > 0;
  const key = `SeamstressSgdUpdate ${count} ${width} ${remembers}`;
  backend.pipelineCache[key] ??= compile(
    backend.device,
    key,
    sgdUpdateWgsl(count, width, remembers),
  );
  let workgroups = 0;
  const uniforms = parameters.flatMap(({ variable, rate, weightDecay }): Uniform[] => {
    workgroups += Math.ceil(sizeOf(variable) / width / (THREADS * EACH));
    return [
      ints(workgroups),
      { type: "float32", data: [rate] },
      { type: "float32", data: [weightDecay] },
    ];
  });
  const program = {
    ...webgpuProgram({
      name: key,
      outputShape: result!.shape,
      inputs: inputs.map((_, i) => `x${i}`),
      uniforms: "",
      workgroupSize: [THREADS, 1, 1],
      workgroups,
      code: "",
    }),
    get shaderKey() {
      return key;
    },
    set shaderKey(_) {
      // tfjs assigns its own shader key, under which the cache holds no pipeline of ours.
    },
  };
  backend.runWebGPUProgram(
    program,
    inputs,
    "float32",
    [{ type: "float32", data: [momentum] }, ...uniforms],
    result!,
  );
}

/** Compiles the pipeline; tfjs's own compilation would bind all tensors but one as read-only. */
function compile(device: GPUDevice, label: string, code: string): GPUComputePipeline {
  const module = device.createShaderModule({ label, code });
  return device.createComputePipeline({
    label,
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
}

/**
 * @param count of parameters
 * @param width elements per index
 * @param remembers whether there is momentum
 * @returns a whole shader; its bindings and uniforms are in tfjs's order
 */
function sgdUpdateWgsl(count: number, width: 1 | 4, remembers: boolean): string {
  const type = width === 4 ? "vec4<f32>" : "f32";
  const each = range(count);
  const names = (letter: string) => each.map((i) => `${letter}${i}`);
  const buffers = [...names("w"), ...remembers ? names("m") : [], ...names("g")];
  const shapes = [...buffers.slice(1), buffers[0]!];
  return `
  struct Uniforms {
    notANumber : f32, infinity : f32,
    ${shapes.map((name) => `${name}Size : i32, ${name}Stride : i32,`).join(" ")}
    size : i32, momentum : f32,
    ${each.map((i) => `end${i} : i32, rate${i} : f32, decay${i} : f32,`).join(" ")}
  };
  ${
    buffers.map((name, i) =>
      `@group(0) @binding(${i}) var<storage, ${
        name.startsWith("g") ? "read" : "read_write"
      }> ${name} : array<${type}>;`
    ).join("\n  ")
  }
  @group(0) @binding(${buffers.length}) var<uniform> uniforms : Uniforms;

  ${
    each.map((i) => `
  fn update${i}(start : i32) {
    let end = min(start + ${THREADS * EACH}, uniforms.w${i}Size / ${width});
    for (var at : i32 = start; at < end; at = at + ${THREADS}) {
      let old = w${i}[at];
      var change : ${type} = g${i}[at];
      if (uniforms.decay${i} != 0.0) { change = fma(old, ${type}(uniforms.decay${i}), change); }
      ${
      remembers
        ? `if (uniforms.momentum != 0.0) { change = fma(m${i}[at], ${type}(uniforms.momentum), change); }
      m${i}[at] = change;`
        : ""
    }
      if (uniforms.rate${i} != 0.0) { w${i}[at] = fma(change, ${type}(-uniforms.rate${i}), old); }
    }
  }`).join("")
  }

  @compute @workgroup_size(${THREADS})
  fn main(
    @builtin(workgroup_id) id : vec3<u32>,
    @builtin(num_workgroups) groups : vec3<u32>,
    @builtin(local_invocation_index) lane : u32,
  ) {
    // tfjs spreads many workgroups over three axes.
    let group = i32((id.z * groups.y + id.y) * groups.x + id.x);
    let at = i32(lane);
    ${
    each.map((i) =>
      `if (group < uniforms.end${i}) { update${i}((group${
        i > 0 ? ` - uniforms.end${i - 1}` : ""
      }) * ${THREADS * EACH} + at); return; }`
    ).join("\n    ")
  }
  }
`;
}

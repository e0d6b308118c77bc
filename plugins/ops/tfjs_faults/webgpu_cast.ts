import * as tf from "@tensorflow/tfjs";
import { attributesOf } from "../define/spec.ts";
import { CAST_THREADS, castWgsl } from "./webgpu_cast.wgsl.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import { webgpuProgram } from "../webgpu/program.ts";
import { fixKernel } from "../define/fix_kernel.ts";

/**
 * tfjs's cast to a wider type on webgpu only relabels the buffer: a float32 tensor whose buffer is recorded as, and holds, int32 or
 * bool. Reading it gives an Int32Array (a Uint8Array), and so does reading the output of a kernel that copies its elements. To see
 * it: `tf.cast(tf.add(tf.range(0, 9, 1, "int32"), 1), "float32").data()`, and the same transposed. This converts the elements.
 */
export function installWebgpuCast(): void {
  fixKernel({
    kernel: "Cast",
    backend: "webgpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ dtype: tf.DataType }>(),
    run({ x }, { dtype }, context) {
      const widens = x.dtype === "bool" && (dtype === "int32" || dtype === "float32") ||
        x.dtype === "int32" && dtype === "float32";
      return widens ? convert(context.backend, x, dtype) : context.stock();
    },
  });
}

/** Converts a tensor to another data type, with the same values. */
function convert(
  backend: WebGpuBackend,
  x: tf.TensorInfo,
  dtype: "int32" | "float32",
): tf.TensorInfo {
  const { values, resource } = backend.tensorMap.get(x.dataId);
  // The values are still in main memory. Most such tensors are small constants, which kernels of the cpu backend may continue to
  // use.
  if (values && !resource) {
    const converted = dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values);
    return backend.makeTensorInfo(x.shape, dtype, converted);
  }
  const program = webgpuProgram({
    name: `cast ${x.dtype} ${dtype}`,
    outputShape: x.shape,
    inputs: ["x"],
    uniforms: "",
    workgroupSize: [CAST_THREADS, 1, 1],
    workgroups: Math.ceil(tf.util.sizeFromShape(x.shape) / CAST_THREADS),
    code: castWgsl(dtype === "int32" ? "i32" : "f32"),
  });
  return backend.runWebGPUProgram(program, [x], dtype);
}

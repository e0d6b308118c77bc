import * as tf from "@tensorflow/tfjs";
import { CAST_THREADS, castWgsl } from "./webgpu_cast.wgsl.ts";
import { type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

/** tfjs's backend, as far as a cast of elements that are not on the device yet needs it. */
interface Uploading extends WebGpu {
  readonly tensorMap: {
    get(
      dataId: tf.DataId,
    ): { readonly values: ArrayLike<number> | null; readonly resource?: unknown };
  };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

/**
 * tfjs's cast to a wider type on webgpu gives the same buffer another name: a float32 tensor whose buffer is recorded as, and holds,
 * int32 or bool. Reading it gives an Int32Array (a Uint8Array), and so does reading what a kernel that copies elements makes of it. To
 * see it: `tf.cast(tf.add(tf.range(0, 9, 1, "int32"), 1), "float32").data()`, and the same transposed. This converts the elements.
 */
export function installWebgpuCast(): void {
  const { kernelFunc } = tf.getKernel("Cast", "webgpu");
  replaceKernel("Cast", "webgpu", (call) => {
    const x = call.inputs["x"] as tf.TensorInfo;
    const { dtype } = call.attrs as unknown as { dtype: tf.DataType };
    const widens = x.dtype === "bool" && (dtype === "int32" || dtype === "float32") ||
      x.dtype === "int32" && dtype === "float32";
    return widens ? convert(call.backend as unknown as Uploading, x, dtype) : kernelFunc(call);
  });
}

/** A tensor of another type with the same values. */
function convert(
  backend: Uploading,
  x: tf.TensorInfo,
  dtype: "int32" | "float32",
): tf.TensorInfo {
  const { values, resource } = backend.tensorMap.get(x.dataId);
  // Not uploaded yet; most such tensors are constants of few elements, which kernels of the cpu backend may go on with.
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

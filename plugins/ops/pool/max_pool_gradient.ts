import * as tf from "@tensorflow/tfjs";
import { MAX_POOL_GRADIENT_WGSL, MAX_POOL_THREADS } from "./max_pool_gradient.wgsl.ts";
import { type WebGpu, webgpuProgram } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

type PoolInfo = tf.backend_util.Conv2DInfo;

/** Where the windows lie. */
function poolInfo(shape: readonly number[], attributes: unknown): PoolInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
    dimRoundingMode?: "floor" | "round" | "ceil";
  };
  const image = shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(image, filterSize, strides, 1, pad, dimRoundingMode);
}

/**
 * tfjs's MaxPoolGrad is silently wrong on wasm, and on webgpu gives the gradient to the last of tied elements where cpu (and PyTorch)
 * give it to the first. To see it: compare `tf.grad((x) => tf.maxPool(tf.relu(x), 3, 2, 1))` on the three.
 */
export function installWasmMaxPoolGradient(): void {
  replaceKernel("MaxPoolGrad", "wasm", ({ inputs, attrs }) => {
    const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
    const info = poolInfo(input.shape, attrs);
    const dx = maxPoolGradient(input.dataSync<"float32">(), dy.dataSync<"float32">(), info);
    return tf.tensor4d(dx, input.shape);
  });
}

/** See {@linkcode installWasmMaxPoolGradient}. */
export function installWebgpuMaxPoolGradient(): void {
  replaceKernel("MaxPoolGrad", "webgpu", ({ inputs, attrs, backend }) => {
    const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
    const info = poolInfo(input.shape, attrs);
    const program = webgpuProgram({
      name: "SeamstressMaxPoolGradient",
      outputShape: input.shape,
      inputs: ["x", "dy"],
      uniforms: "window : vec2<i32>, stride : vec2<i32>, pad : vec2<i32>,",
      workgroupSize: [MAX_POOL_THREADS, 1, 1],
      workgroups: Math.ceil(tf.util.sizeFromShape(input.shape) / MAX_POOL_THREADS),
      code: MAX_POOL_GRADIENT_WGSL,
    });
    return (backend as unknown as WebGpu).runWebGPUProgram(program, [input, dy], "float32", [
      { type: "int32", data: [info.filterHeight, info.filterWidth] },
      { type: "int32", data: [info.strideHeight, info.strideWidth] },
      { type: "int32", data: [info.padInfo.top, info.padInfo.left] },
    ]);
  });
}

function maxPoolGradient(
  x: Float32Array,
  dy: Float32Array,
  info: PoolInfo,
): Float32Array {
  const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
  const dx = new Float32Array(x.length);
  let out = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * info.strideHeight - info.padInfo.top;
      const y0 = Math.max(top, 0), y1 = Math.min(top + info.filterHeight, inHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * info.strideWidth - info.padInfo.left;
        const x0 = Math.max(left, 0), x1 = Math.min(left + info.filterWidth, inWidth);
        for (let c = 0; c < channels; c++) {
          let best = -Infinity, at = -1;
          for (let y = y0; y < y1; y++) {
            for (let z = x0; z < x1; z++) {
              const i = ((n * inHeight + y) * inWidth + z) * channels + c;
              const value = x[i]!;
              // A NaN wins and stays: it must reach the loss.
              if (at < 0 || value > best || (value !== value && best === best)) {
                best = value;
                at = i;
              }
            }
          }
          if (at >= 0) dx[at]! += dy[out]!;
          out++;
        }
      }
    }
  }
  return dx;
}

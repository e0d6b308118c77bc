import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like, type PoolAttributes, poolInfo } from "../define/shapes.ts";
import { floatsAt, offsetOf } from "../wasm/heap.ts";
import { ints, webgpuProgram } from "../webgpu/program.ts";
import { MAX_POOL_GRADIENT_WGSL, MAX_POOL_THREADS } from "./max_pool_gradient.wgsl.ts";

/**
 * tfjs's MaxPoolGrad is silently wrong on wasm, and on webgpu gives the gradient to the last of tied elements where cpu (and PyTorch)
 * give it to the first. To reproduce: compare `tf.grad((x) => tf.maxPool(tf.relu(x), 3, 2, 1))` on the three.
 */
export const maxPoolGradientOp = defineOp({
  name: "MaxPoolGrad",
  replaces: true,
  summary: "gradient of the maximum of windows, to the first of tied elements",
  inputs: { dy: "[N,h,w,C]", input: "[N,H,W,C]", "output?": "[N,h,w,C]" },
  attributes: attributesOf<PoolAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ input }) => like(input),
  wasm({ dy, input }, attributes, { backend }) {
    const info = poolInfo(input.shape, attributes);
    const out = backend.makeOutput(input.shape, "float32");
    const [x, slopes, dx] = [input, dy, out].map((tensor) =>
      floatsAt(backend, offsetOf(backend, tensor), tf.util.sizeFromShape(tensor.shape))
    );
    maxPoolGradient(x!, slopes!, info, dx!.fill(0));
    return out;
  },
  webgpu({ dy, input }, attributes, { backend }) {
    const info = poolInfo(input.shape, attributes);
    const program = webgpuProgram({
      name: "SeamstressMaxPoolGradient",
      outputShape: input.shape,
      inputs: ["x", "dy"],
      uniforms: "window : vec2<i32>, stride : vec2<i32>, pad : vec2<i32>,",
      workgroupSize: [MAX_POOL_THREADS, 1, 1],
      workgroups: Math.ceil(tf.util.sizeFromShape(input.shape) / MAX_POOL_THREADS),
      code: MAX_POOL_GRADIENT_WGSL,
    });
    return backend.runWebGPUProgram(program, [input, dy], "float32", [
      ints(info.filterHeight, info.filterWidth),
      ints(info.strideHeight, info.strideWidth),
      ints(info.padInfo.top, info.padInfo.left),
    ]);
  },
});

function maxPoolGradient(
  x: Float32Array,
  dy: Float32Array,
  info: tf.backend_util.Conv2DInfo,
  dx: Float32Array,
): void {
  const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
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
              // NaN counts as the maximum and propagates: it must reach the loss.
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
}

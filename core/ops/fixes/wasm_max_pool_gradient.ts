import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "./registry.ts";

/**
 * tfjs's MaxPoolGrad on wasm is silently wrong. To see it: compare `tf.grad((x) => tf.maxPool(x, 3, 2, 1))` on wasm and on cpu. Here
 * the gradient of a window goes to its first maximum, as PyTorch's does.
 */
export function installWasmMaxPoolGradient(): void {
  replaceKernel("MaxPoolGrad", "wasm", ({ inputs, attrs }) => {
    const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
      filterSize: number | [number, number];
      strides: number | [number, number];
      pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
      dimRoundingMode?: "floor" | "round" | "ceil";
    };
    const info = tf.backend_util.computePool2DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const dx = maxPoolGradient(input.dataSync<"float32">(), dy.dataSync<"float32">(), info);
    return tf.tensor4d(dx, input.shape);
  });
}

function maxPoolGradient(
  x: Float32Array,
  dy: Float32Array,
  info: tf.backend_util.Conv2DInfo,
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

import * as tf from "@tensorflow/tfjs";
import { FROZEN_NORM, FROZEN_NORM_GRADIENT, type FrozenNormAttributes } from "../own_kernels.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import { normalizeGradientOnHeap, normalizeOnHeap } from "./on_heap.ts";
import { replaceKernel } from "../registry.ts";

/**
 * Composed of tfjs's ops, a batch normalisation with fixed statistics and its ReLU6 read and write their activation twice forward
 * and six times backward, and tfjs's FusedBatchNorm on wasm divides by a square root an element. These go through it once.
 */
export function installWasmFrozenNorm(): void {
  replaceKernel(FROZEN_NORM, "wasm", ({ inputs, attrs, backend }) => {
    const { x, mean, variance, weight, bias } = inputs as Record<string, tf.TensorInfo>;
    const { activation, epsilon } = attrs as unknown as FrozenNormAttributes;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput(x!.shape, "float32");
    const scale = scaleOf(wasm, weight!, variance!, epsilon);
    const center = vector(wasm, mean!);
    const shift = Float64Array.from(vector(wasm, bias!), (b, c) => b - center[c]! * scale[c]!);
    const length = tf.util.sizeFromShape(x!.shape);
    normalizeOnHeap(
      wasm,
      offsetOf(wasm, x!),
      scale,
      shift,
      activation,
      offsetOf(wasm, out),
      length,
    );
    return out;
  });
  replaceKernel(FROZEN_NORM_GRADIENT, "wasm", ({ inputs, attrs, backend }) => {
    const { dy, y, variance, weight } = inputs as Record<string, tf.TensorInfo>;
    const { activation, epsilon } = attrs as unknown as FrozenNormAttributes;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput(dy!.shape, "float32");
    normalizeGradientOnHeap(
      wasm,
      offsetOf(wasm, dy!),
      y === undefined ? 0 : offsetOf(wasm, y),
      scaleOf(wasm, weight!, variance!, epsilon),
      activation,
      offsetOf(wasm, out),
      tf.util.sizeFromShape(dy!.shape),
    );
    return out;
  });
}

function vector(wasm: Wasm, tensor: tf.TensorInfo): Float32Array {
  return floatsAt(wasm, offsetOf(wasm, tensor), tf.util.sizeFromShape(tensor.shape));
}

/** weight / √(variance + ε), in float64. */
function scaleOf(
  wasm: Wasm,
  weight: tf.TensorInfo,
  variance: tf.TensorInfo,
  epsilon: number,
): Float64Array {
  const spread = vector(wasm, variance);
  return Float64Array.from(vector(wasm, weight), (w, c) => w / Math.sqrt(spread[c]! + epsilon));
}

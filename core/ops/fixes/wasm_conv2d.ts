import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../conv_geometry.ts";
import { isPointwise } from "../wasm/conv_gradients.ts";
import { gemm } from "../wasm/gemm.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { replaceKernel } from "./registry.ts";

/**
 * tfjs's Conv2D on wasm is XNNPACK without fused multiply-add: 25 GFLOP/s where relaxed SIMD gives 45 on the same core. This runs
 * convolutions with one tap as our own matrix product and leaves the others to tfjs. To see it: bench/wasm_kernels.bench.ts.
 */
export function installWasmConv2d(): void {
  const stock = tf.getKernel("Conv2D", "wasm").kernelFunc;
  replaceKernel("Conv2D", "wasm", (params) => {
    const { x, filter } = params.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const attributes = params.attrs as unknown as ConvAttributes;
    const { dataFormat = "NHWC" } = attributes;
    if (dataFormat !== "NHWC") return stock(params);
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    if (!isPointwise(geometry)) return stock(params);
    const wasm = params.backend as unknown as Wasm;
    const out = wasm.makeOutput([...geometry.output], "float32");
    const [samples, height, width, filters] = geometry.output;
    gemm(wasm, {
      m: samples * height * width,
      k: geometry.input[3],
      n: filters,
      a: offsetOf(wasm, x),
      b: offsetOf(wasm, filter),
      out: offsetOf(wasm, out),
    });
    return out;
  });
}

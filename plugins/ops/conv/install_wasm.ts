import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "./geometry.ts";
import { beatsStock, convolveOnHeap } from "./on_heap.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's Conv2D on wasm is XNNPACK without fused multiply-add: 25 GFLOP/s where relaxed SIMD gives 45 on the same core. This runs
 * convolutions as our own matrix products, where the copy of the pixels that each tap meets is worth it. To see it: bench/wasm_kernels.ts.
 */
export function installWasmConv2d(): void {
  const stock = tf.getKernel("Conv2D", "wasm").kernelFunc;
  replaceKernel("Conv2D", "wasm", (params) => {
    const { x, filter } = params.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const attributes = params.attrs as unknown as ConvAttributes;
    const { dataFormat = "NHWC" } = attributes;
    if (dataFormat !== "NHWC") return stock(params);
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    if (!beatsStock(geometry)) return stock(params);
    const wasm = params.backend as unknown as Wasm;
    const out = wasm.makeOutput([...geometry.output], "float32");
    convolveOnHeap(wasm, offsetOf(wasm, x), offsetOf(wasm, filter), geometry, offsetOf(wasm, out));
    return out;
  });
}

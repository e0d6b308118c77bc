/**
 * Operations on tensors that tfjs lacks or has wrong: differentiable, and right on every backend.
 *
 * @module
 */
export { storedInHalf } from "../../core/contracts/storage.ts";
export {
  bnReluConv2d,
  type BnReluConvOptions,
  sparesNormalisedMap,
} from "./bn_relu_conv/bn_relu_conv2d.ts";
export { conv2d } from "./conv/conv2d.ts";
export { crop } from "./conv/spatial.ts";
export { depthwiseConv2d } from "./depthwise/depthwise_conv2d.ts";
export { channelDropout } from "./dropout/channel_dropout.ts";
export { dropout } from "./dropout/dropout.ts";
export type { Activation } from "./frozen_norm/normalized.ts";
export { runInBlock } from "./gradient/checkpointed.ts";
export { withoutGradient } from "./gradient/without_gradient.ts";
export { resizeBilinear } from "./interpolate/resize_bilinear.ts";
export { maxOne, minOne } from "./max_one/max_one.ts";
export { meanOfLargest, meanOfSmallest } from "./select_largest/mean_of_largest.ts";
export { type Code, f32x4, i32, repeat } from "./wasm/instructions.ts";
export { assemble, FunctionBuilder, type Local } from "./wasm/module.ts";
export { describeAdapter, findAdapter, isSoftware, requestDevice } from "./webgpu/device.ts";
export type { WebGpuProgram } from "./webgpu/program.ts";

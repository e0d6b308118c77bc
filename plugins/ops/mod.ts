/**
 * Operations on tensors that are differentiable, and right on every backend, and what one's own are made of.
 *
 * tfjs lacks some of these and has some wrong. A backend that a run prepares has their kernels; `installOps("cpu")` gives them to tfjs
 * elsewhere. A recipe's `plugins:` module may export operations of its own, made with `defineOp`.
 *
 * @module
 */
export { batchNorm, type BatchNormVariables } from "./batch_norm/batch_norm.ts";
export {
  bnReluConv2d,
  type BnReluConvOptions,
  sparesNormalisedMap,
} from "./bn_relu_conv/bn_relu_conv2d.ts";
export { conv2d } from "./conv/conv2d.ts";
export type { ConvOptions } from "./conv/geometry.ts";
export { crop } from "./conv/spatial.ts";
export { correlatePixels } from "./correlation/correlate_pixels.ts";
export { attributesOf, defineOp, type Operation } from "./define/define_op.ts";
export type { KernelContext } from "./define/kernel_context.ts";
export { floatsOf, tensorOf } from "./define/main_memory.ts";
export { type OpKernelConfig, registeredKernel } from "./define/replace.ts";
export { broadcast, floats, like, reduced } from "./define/shapes.ts";
export type { GradientRule, HalfRule, Kernel, OpSpec, OutputShape } from "./define/spec.ts";
export { depthwiseConv2d } from "./depthwise/depthwise_conv2d.ts";
export { channelDropout } from "./dropout/channel_dropout.ts";
export { dropout } from "./dropout/dropout.ts";
export type { FrozenNormAttributes } from "./frozen_norm/attributes.ts";
export { frozenNorm, type NormVectors } from "./frozen_norm/frozen_norm.ts";
export type { Activation } from "./frozen_norm/normalized.ts";
export { checkpointed, type CheckpointInputs, runInBlock } from "./gradient/checkpointed.ts";
export { withoutGradient } from "./gradient/without_gradient.ts";
export { installOps } from "./install.ts";
export { resizeBilinear } from "./interpolate/resize_bilinear.ts";
export { maxOne, minOne } from "./max_one/max_one.ts";
export { storedInHalf } from "./precision.ts";
export { meanOfLargest, meanOfSmallest } from "./select_largest/mean_of_largest.ts";
export { type SgdParameter, sgdUpdate } from "./sgd_update/sgd_update.ts";
export { unitVectors } from "./unit_vectors/unit_vectors.ts";
export { floatsAt, offsetOf, type Wasm, withScratch } from "./wasm/heap.ts";
export { type Code, f32x4, i32, repeat } from "./wasm/instructions.ts";
export { assemble, FunctionBuilder, type Local } from "./wasm/module.ts";
export { defineWasmProgram, type Functions, type WasmProgram } from "./wasm/program.ts";
export type { WebGpuBackend } from "./webgpu/backend.ts";
export { describeAdapter, findAdapter, isSoftware, requestDevice } from "./webgpu/device.ts";
export {
  ints,
  type ProgramOptions,
  type Uniform,
  type WebGpuProgram,
  webgpuProgram,
} from "./webgpu/program.ts";
export { weightedSum } from "./weighted_sum/weighted_sum.ts";

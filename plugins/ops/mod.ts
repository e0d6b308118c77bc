/**
 * Operations on tensors that are differentiable and correct on every backend, and the parts to define new ones.
 *
 * tfjs lacks some of these and has some wrong. A backend that a run prepares has their kernels; `installOps("cpu")` gives them to
 * tfjs elsewhere. A recipe's `plugins:` module may export operations of its own, made with `defineOp`.
 *
 * @module
 */

// Convolution and resampling.
export { conv2d } from "./conv/conv2d.ts";
export {
  type ConvAttributes,
  type ConvGeometry,
  convGeometry,
  type ConvOptions,
  type ConvPadding,
  geometryOf,
} from "./conv/geometry.ts";
export { crop } from "./conv/spatial.ts";
export { depthwiseConv2d } from "./depthwise/depthwise_conv2d.ts";
export { interpolateNearest } from "./interpolate/interpolate_nearest.ts";
export { resizeBilinear } from "./interpolate/resize_bilinear.ts";

// Transformers.
export { attend, attentionWeights } from "./attention/attention.ts";
export { gelu } from "./gelu/gelu.ts";
export { layerNorm, type LayerNormVariables } from "./layer_norm/layer_norm.ts";

// Normalisation, and what a convolution's bias adds.
export { addBias } from "./bias/add_bias.ts";
export { batchNorm, type BatchNormVariables } from "./batch_norm/batch_norm.ts";
export type { FrozenNormAttributes } from "./frozen_norm/attributes.ts";
export { frozenNorm, type NormVectors } from "./frozen_norm/frozen_norm.ts";
export type { Activation } from "./frozen_norm/normalized.ts";
export { depthwiseNorm, type DepthwiseNormAttributes } from "./depthwise_norm/depthwise_norm.ts";
export { pointwiseNorm } from "./pointwise_norm/pointwise_norm.ts";
export {
  bnReluConv2d,
  type BnReluConvOptions,
  sparesNormalisedMap,
} from "./bn_relu_conv/bn_relu_conv2d.ts";

// Dropout.
export { channelDropout } from "./dropout/channel_dropout.ts";
export { dropPath } from "./dropout/drop_path.ts";
export { dropout } from "./dropout/dropout.ts";

// Maxima, selections and sums with gradients that are right where values are equal.
export { maxOne, minOne } from "./max_one/max_one.ts";
export { meanOfLargest, meanOfSmallest } from "./select_largest/mean_of_largest.ts";
export { largestOf } from "./select_largest/largest_of.ts";
export { weightedSum } from "./weighted_sum/weighted_sum.ts";
export { unitVectors } from "./unit_vectors/unit_vectors.ts";
export { correlatePixels } from "./correlation/correlate_pixels.ts";
export { type PairAttributes, pairDistance } from "./pair_distance/pair_distance.ts";
export { gaussianFilter } from "./gaussian_filter/gaussian_filter.ts";

// Gradients: stopped, or computed again instead of kept.
export { checkpointed, type CheckpointInputs, runInBlock } from "./gradient/checkpointed.ts";
export { withoutGradient } from "./gradient/without_gradient.ts";

// An optimizer's step.
export { type SgdParameter, sgdUpdate } from "./sgd_update/sgd_update.ts";

// Operations of one's own.
export { attributesOf, defineOp, type NoOptions, type Operation } from "./define/define_op.ts";
export type { KernelContext } from "./define/kernel_context.ts";
export type {
  AnyInputName,
  Axes,
  ElementOf,
  GivenOf,
  InfoOf,
  Layouts,
  Named,
  Output,
  Ranks,
  ResultOf,
  ShapeOf,
  TensorOf,
} from "./define/layout.ts";
export { floatsOf, tensorOf } from "./define/main_memory.ts";
export type { KernelInputs, RegisteredOp } from "./define/registered_op.ts";
export { type OpKernelConfig, registeredKernel } from "./define/replace.ts";
export { type AxisAttributes, broadcast, floats, like, reducedShape } from "./define/shapes.ts";
export type {
  AttributesType,
  BackendName,
  GradientRule,
  HalfRule,
  Kernel,
  KernelFunction,
  OpSpec,
  OutputShape,
  Split,
} from "./define/spec.ts";
export { installOps } from "./install.ts";
export {
  type ActivationStorage,
  type HalfStorage,
  storedInHalf,
  storesHalves,
} from "./precision.ts";
export type { WorkKind } from "../../core/contracts/work.ts";

// Kernels for WebGPU.
export type { WebGpuBackend } from "./webgpu/backend.ts";
export {
  describeAdapter,
  findAdapter,
  type FoundAdapter,
  isSoftware,
  lookAtAdapter,
  type PowerPreference,
  requestDevice,
} from "./webgpu/device.ts";
export type { Width } from "./webgpu/elements.wgsl.ts";
export type { WebGpuOwners } from "./webgpu/in_place.ts";
export { allocate, type Copy, copyElements, type WebGpuMemory } from "./webgpu/memory.ts";
export {
  ints,
  type ProgramOptions,
  type Uniform,
  type WebGpu,
  type WebGpuProgram,
  webgpuProgram,
} from "./webgpu/program.ts";

// Kernels for wasm.
export { advance, lessen, type Locals, locals, times } from "./wasm/code_builders.ts";
export { floatsAt, offsetOf, type Wasm, withScratch } from "./wasm/heap.ts";
export {
  type Binary,
  type Code,
  type Constant,
  f32,
  f32x4,
  i32,
  type Load,
  repeat,
  repeatWhile,
  type Store,
  type Unary,
  v128,
  when,
} from "./wasm/instructions.ts";
export { i32x4 } from "./wasm/integer_instructions.ts";
export { assemble, FunctionBuilder, type Local, type ValueType } from "./wasm/module.ts";
export {
  defineWasmProgram,
  type Functions,
  hasRelaxedSimd,
  type WasmProgram,
} from "./wasm/program.ts";

// Benchmarks of an operation: what `deno bench` times.
export {
  type BenchCase,
  benchCase,
  type BenchCases,
  type BenchMachine,
  type BenchTensors,
  type Implementation,
} from "./define/bench_case.ts";

import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { type PoolAttributes, poolInfo } from "../define/shapes.ts";

/** Half-precision rule for tfjs's own kernels: they read float32, and their result is converted to half. */
const half = { reads: false, gives: asActivations } as const;

/** tfjs's max pooling; its gradient is in max_pool_gradient.ts. */
export const maxPoolOp = defineOp({
  name: "MaxPool",
  replaces: true,
  summary: "maximum of windows",
  inputs: { x: "[N,H,W,C]" },
  attributes: attributesOf<PoolAttributes>(),
  output: "[N,h,w,C]",
  shape: ({ x }, attributes) => ({
    shape: poolInfo(x.shape, attributes).outShape,
    dtype: x.dtype,
  }),
  half,
  webgpu: (_inputs, _attributes, context) => context.stock(),
});

/** tfjs's average pooling. */
export const avgPoolOp = defineOp({
  name: "AvgPool",
  replaces: true,
  summary: "mean of windows",
  inputs: { x: "[N,H,W,C]" },
  attributes: attributesOf<PoolAttributes>(),
  output: "[N,h,w,C]",
  shape: ({ x }, attributes) => ({
    shape: poolInfo(x.shape, attributes).outShape,
    dtype: x.dtype,
  }),
  half,
  webgpu: (_inputs, _attributes, context) => context.stock(),
});

import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { type PoolAttributes, poolInfo } from "../define/shapes.ts";

/** One of tfjs's pooling kernels, which read float32; where activations are stored as float16, so is the result. */
const poolOp = (name: string, summary: string) =>
  defineOp({
    name,
    replaces: true,
    summary,
    inputs: { x: "[N,H,W,C]" },
    attributes: attributesOf<PoolAttributes>(),
    output: "[N,h,w,C]",
    shape: ({ x }, attributes) => ({
      shape: poolInfo(x.shape, attributes).outShape,
      dtype: x.dtype,
    }),
    half: { reads: false, gives: asActivations },
    webgpu: (_inputs, _attributes, context) => context.stock(),
  });

/** tfjs's max pooling; its gradient is in max_pool_gradient.ts. */
export const maxPoolOp = poolOp("MaxPool", "maximum of windows");

/** tfjs's average pooling. */
export const avgPoolOp = poolOp("AvgPool", "mean of windows");

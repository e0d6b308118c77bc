import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { like } from "../define/shapes.ts";
import { splitElements } from "../webgpu/split_elements.ts";

/** tfjs's normalisation by given statistics. Its kernel reads float32; where activations are stored as float16, so is its result. */
export const fusedBatchNormOp = defineOp({
  name: "FusedBatchNorm",
  replaces: true,
  summary: "normalisation by given statistics",
  inputs: { x: "[…]", mean: "[…]", variance: "[…]", "offset?": "[…]", "scale?": "[…]" },
  attributes: attributesOf<{ readonly varianceEpsilon: number }>(),
  output: "[…]",
  shape: ({ x }) => like(x),
  half: { reads: false, gives: asActivations },
  split: splitElements(["x"], (shape) => shape.at(-1)!),
  webgpu: (_inputs, _attributes, context) => context.stock(),
});

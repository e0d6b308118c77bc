import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { like } from "../define/shapes.ts";
import { splitElements } from "../webgpu/split_elements.ts";

/** tfjs's normalisation by given statistics. It reads floats, and what it gives is narrowed. */
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

import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";
import { attributesOf } from "../define/spec.ts";
import { isPlain } from "./copy_strided.ts";
import { transpose } from "./cpu_copies.ts";
import { withCopies } from "./with_copies.ts";

/** tfjs's reductions that transpose what they reduce, and what each calls its axes. */
const REDUCTIONS = [
  [tf.Sum, "axis"],
  [tf.Mean, "axis"],
  [tf.Max, "reductionIndices"],
  [tf.Min, "axis"],
] as const;

/**
 * tfjs's reductions transpose what they reduce over outer axes element by element, on cpu: a microsecond each. Here it is transposed by
 * strides first. What is computed stays tfjs's, so that no bit changes.
 */
export function installCpuReductions(): void {
  for (const [kernel, axes] of REDUCTIONS) {
    fixKernel({
      kernel,
      backend: "cpu",
      inputs: { x: "[…]" },
      attributes: attributesOf<Record<string, number | number[]> & { keepDims: boolean }>(),
      run({ x }, attributes, context) {
        const rank = x.shape.length;
        const reduced = tf.util.parseAxisParam(attributes[axes] as number | number[], x.shape);
        const order = tf.backend_util.getAxesPermutation(reduced, rank);
        if (order === null || !isPlain(x)) return context.stock();
        const inner = tf.backend_util.getInnerMostAxes(reduced.length, rank);
        const y = withCopies(
          [() => transpose(context.backend, x, order)],
          ([x]) =>
            context.stock({
              inputs: { x },
              attributes: { ...attributes, [axes]: inner, keepDims: false },
            }),
          (copy) => copy.dispose(),
        );
        return attributes.keepDims
          ? { ...y, shape: tf.backend_util.expandShapeToKeepDim(y.shape, reduced) }
          : y;
      },
    });
  }
}

import type * as tf from "@tensorflow/tfjs";
import { defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf } from "../wasm/heap.ts";
import { transposeProgram } from "../wasm/transpose.ts";

/** The filter of a convolution's input gradient, computed on wasm in one pass. */
export const flipFilterOp = defineOp({
  name: "FlipFilter",
  summary: "a filter with reversed taps, input and output channels swapped",
  inputs: { filter: "[kh,kw,C,D]" },
  output: "[kh,kw,D,C]",
  shape: ({ filter: { shape: [kh, kw, channels, filters] } }) => floats(kh, kw, filters, channels),
  wasm({ filter }, _, { backend }) {
    const [kh, kw, channels, filters] = filter.shape;
    const out = backend.makeOutput([kh, kw, filters, channels], "float32");
    const bytes = channels * filters * FLOAT, taps = kh * kw;
    const [from, to] = [filter, out].map((tensor) => offsetOf(backend, tensor)) as [number, number];
    const program = transposeProgram.on(backend);
    for (let tap = 0; tap < taps; tap++) {
      const other = taps - 1 - tap;
      program.transpose(
        from + tap * bytes,
        filters * FLOAT,
        channels,
        filters,
        to + other * bytes,
        channels * FLOAT,
      );
    }
    return out;
  },
  compose: ({ filter }) => filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]),
});

/**
 * The filter of a convolution's input gradient: flipped along height and width, with input and output channels swapped.
 *
 * @param filter `[kh,kw,C,D]`
 * @returns `[kh,kw,D,C]`
 */
export function flipFilter(filter: tf.Tensor4D): tf.Tensor4D {
  return flipFilterOp.run({ filter }, {});
}

import * as tf from "@tensorflow/tfjs";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import type { SgdUpdateAttributes } from "./sgd_update.wgsl.ts";
import { sgdProgram, updateName } from "./wasm_program.ts";

/**
 * Updates parameters, one after the other: each is read and written once, as its momentum buffer is, and its gradient is read once, where
 * the composition makes up to seven passes. The numbers are the composition's. Nothing is overwritten: XNNPACK keeps packed copies of
 * weights by their tensor, as long as that is not disposed.
 *
 * @param wasm the backend
 * @param inputs `w0`, `g0`, and `m0` where there is momentum, `w1`, …
 * @param attributes factors
 * @returns the new `w0`, `m0`, `w1`, …
 */
export function sgdUpdateOnHeap(
  wasm: Wasm,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { momentum, rates, weightDecays }: SgdUpdateAttributes,
): tf.TensorInfo[] {
  const program = sgdProgram.on(wasm);
  return rates.flatMap((rate, i) => {
    const [variable, gradient] = [inputs[`w${i}`]!, inputs[`g${i}`]!];
    const remembered = inputs[`m${i}`], decay = weightDecays[i]!;
    const results = (remembered ? [variable, remembered] : [variable])
      .map(({ shape }) => wasm.makeOutput(shape, "float32"));
    const [to, next] = results;
    const update = program[
      updateName({
        decays: decay !== 0,
        momentum: remembered === undefined ? "none" : momentum === 0 ? "written" : "kept",
        learns: rate !== 0,
      })
    ]!;
    update(
      offsetOf(wasm, variable),
      offsetOf(wasm, gradient),
      remembered ? offsetOf(wasm, remembered) : 0,
      offsetOf(wasm, to!),
      next ? offsetOf(wasm, next) : 0,
      decay,
      momentum,
      -rate,
      tf.util.sizeFromShape(variable.shape),
    );
    return results;
  });
}

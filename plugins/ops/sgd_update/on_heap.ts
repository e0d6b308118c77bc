import * as tf from "@tensorflow/tfjs";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import type { SgdUpdateAttributes } from "./sgd_update.wgsl.ts";
import { sgdProgram, updateName } from "./wasm_program.ts";

/** @returns a tensor of the same elements, which may be overwritten: where others share them, of a copy */
function reuseOrCopy(wasm: Wasm, tensor: tf.TensorInfo, shared: boolean): tf.TensorInfo {
  const { dataId, shape, dtype } = tensor;
  if (!shared && wasm.refCount(dataId) === 1) {
    wasm.incRef(dataId);
    return { dataId, shape, dtype };
  }
  const copy = wasm.makeOutput(shape, dtype), from = offsetOf(wasm, tensor);
  const bytes = tf.util.sizeFromShape(shape) * FLOAT;
  wasm.wasm.HEAPU8.copyWithin(offsetOf(wasm, copy), from, from + bytes);
  return copy;
}

/**
 * Updates parameters in place, one after the other: each is read and written once, as its momentum buffer is, and its gradient is read
 * once, where the composition makes up to seven passes. The numbers are the composition's.
 *
 * @param wasm the backend
 * @param inputs `w0`, `g0`, and `m0` where there is momentum, `w1`, …; elements of `w` and `m` are overwritten unless others share them
 * @param attributes factors
 * @returns the new `w0`, `m0`, `w1`, …
 */
export function sgdUpdateOnHeap(
  wasm: Wasm,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { momentum, rates, weightDecays }: SgdUpdateAttributes,
): tf.TensorInfo[] {
  const program = sgdProgram.on(wasm);
  const gradients = new Set(rates.map((_, i) => inputs[`g${i}`]!.dataId));
  const own = (tensor: tf.TensorInfo) => reuseOrCopy(wasm, tensor, gradients.has(tensor.dataId));
  return rates.flatMap((rate, i) => {
    const remembered = inputs[`m${i}`], decay = weightDecays[i]!;
    const variable = own(inputs[`w${i}`]!), buffer = remembered && own(remembered);
    const update = program[
      updateName({
        decays: decay !== 0,
        momentum: buffer === undefined ? "none" : momentum === 0 ? "written" : "kept",
        learns: rate !== 0,
      })
    ]!;
    update(
      offsetOf(wasm, variable),
      offsetOf(wasm, inputs[`g${i}`]!),
      buffer === undefined ? 0 : offsetOf(wasm, buffer),
      decay,
      momentum,
      -rate,
      tf.util.sizeFromShape(variable.shape),
    );
    return buffer === undefined ? [variable] : [variable, buffer];
  });
}

import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";

/** Inputs of a shader besides its output: every WebGPU device binds 8 storage buffers. */
const MOST_INPUTS = 7;

/** tfjs's AddN binds all its inputs at once on WebGPU; with 8 or more a device may refuse the shader. This adds seven at a time. */
export function installWebgpuAddN(): void {
  fixKernel({
    kernel: tf.AddN,
    backend: "webgpu",
    // A list: its names are 0, 1, …
    inputs: { "#": "[…]" },
    run(inputs, _, context) {
      const [first, ...others] = Object.values(inputs);
      let sum: tf.TensorInfo = first!;
      for (let from = 0; from === 0 || from < others.length; from += MOST_INPUTS - 1) {
        const before = sum;
        sum = context.stock({ inputs: [sum, ...others.slice(from, from + MOST_INPUTS - 1)] });
        if (before !== first) context.backend.disposeData(before.dataId);
      }
      return sum;
    },
  });
}

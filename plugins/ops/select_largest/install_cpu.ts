import * as tf from "@tensorflow/tfjs";
import { SELECT_LARGEST } from "../own_kernels.ts";
import { selectLargest } from "./radix_selection.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs has no gradient for topk, and on webgpu it takes seconds for rows of 65,856. Our `meanOfLargest` asks for a mask of the
 * largest elements instead; this registers its kernel where tensors lie in main memory.
 *
 * @param backendName `"wasm"` or `"cpu"`
 */
export function installSelectLargest(backendName: "wasm" | "cpu"): void {
  replaceKernel(SELECT_LARGEST, backendName, ({ inputs, attrs, backend }) => {
    const x = inputs["x"] as tf.Tensor2D;
    const { count } = attrs as unknown as { count: number };
    const [rows, length] = x.shape;
    const values = (backend as tf.KernelBackend).readSync(x.dataId) as Float32Array;
    const mask = new Float32Array(rows * length);
    for (let row = 0; row < rows; row++) {
      const end = (row + 1) * length;
      selectLargest(values.subarray(end - length, end), count, mask.subarray(end - length, end));
    }
    return tf.tensor2d(mask, [rows, length]);
  });
}

import type * as tf from "@tensorflow/tfjs";
import { FIRST_MAXIMUM } from "../own_kernels.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's gradient of max and min gives the whole gradient to every tied element; our `maxOne` asks which is the first. Composed of
 * comparisons that is right on wasm, but its broadcasts run a scalar loop with an index computation an element: this is one pass.
 */
export function installWasmFirstMaximum(): void {
  replaceKernel(FIRST_MAXIMUM, "wasm", ({ inputs, backend }) => {
    const { x, max } = inputs as { x: tf.Tensor2D; max: tf.Tensor2D };
    const [rows, length] = x.shape;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput([rows, length], "float32");
    const values = floatsAt(wasm, offsetOf(wasm, x), rows * length);
    const maxima = floatsAt(wasm, offsetOf(wasm, max), rows);
    const mask = floatsAt(wasm, offsetOf(wasm, out), rows * length).fill(0);
    for (let row = 0; row < rows; row++) {
      const end = (row + 1) * length;
      let i = end - length;
      while (i < end && values[i] !== maxima[row]) i++;
      if (i < end) mask[i] = 1;
    }
    return out;
  });
}

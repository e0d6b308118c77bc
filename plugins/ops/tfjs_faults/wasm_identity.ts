import { fixKernel } from "../define/fix_kernel.ts";

/**
 * tfjs's clone on wasm copies all elements, and its engine clones every tensor that a gradient saves: a training step holds its
 * activations twice, within 4 GiB. To see it: `tf.memory().numDataBuffers` before and after `x.clone()`. The other backends count
 * references instead, and so does this.
 */
export function installWasmIdentity(): void {
  fixKernel({
    kernel: "Identity",
    backend: "wasm",
    inputs: { x: "[…]" },
    run({ x: { dataId, shape, dtype } }, _, { backend }) {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}

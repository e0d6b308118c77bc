import type * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "../registry.ts";

/** What shares a tensor's elements; wasm's own Reshape does the same. */
interface Counting {
  incRef(dataId: tf.DataId): void;
}

/**
 * tfjs's clone on wasm copies all elements, and its engine clones every tensor that a gradient saves: a training step holds its
 * activations twice, within 4 GiB. To see it: `tf.memory().numDataBuffers` before and after `x.clone()`. The other backends count
 * references instead, and so does this.
 */
export function installWasmIdentity(): void {
  replaceKernel("Identity", "wasm", ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs["x"] as tf.TensorInfo;
    (backend as Counting).incRef(dataId);
    return { dataId, shape, dtype };
  });
}

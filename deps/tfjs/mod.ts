/**
 * What `import * as tf from "@tensorflow/tfjs"` gives: tfjs's core with its gradients, its tensors' methods and the `cpu` backend, as
 * the package of that name has them, without layers, converter, data and WebGL, which nothing here uses. Backends `wasm` and `webgpu`
 * import the same core.
 *
 * @module
 */
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.d.ts";
import "./registered.js";

export * from "@tensorflow/tfjs-backend-cpu";
export * from "@tensorflow/tfjs-core";

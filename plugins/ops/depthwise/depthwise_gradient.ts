import type * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../conv/geometry.ts";
import { depthwiseFilterGradient } from "./filter_gradient.ts";
import { depthwiseInputGradient } from "./input_gradient.ts";
import { storedInHalf } from "../../../core/contracts/storage.ts";
import { replaceGradient } from "../registry.ts";

/**
 * tfjs's gradient of DepthwiseConv2dNative throws where dilation > 1, on every backend, and its kernels are not registered on wasm.
 * To see it: `tf.grad((x) => tf.depthwiseConv2d(x, filter, 1, "same", "NHWC", 2))(x)`.
 */
export function installDepthwiseGradient(): void {
  replaceGradient("DepthwiseConv2dNative", {
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attributes) => {
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const geometry = geometryOf(
        x.shape,
        filter.shape,
        attributes as unknown as ConvAttributes,
        true,
      );
      return {
        x: () => depthwiseInputGradient(dy as tf.Tensor4D, filter, geometry, storedInHalf(x)),
        filter: () => depthwiseFilterGradient(x, dy as tf.Tensor4D, geometry),
      };
    },
  });
}

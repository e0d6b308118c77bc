import type * as tf from "@tensorflow/tfjs";
import { convFilterGradient } from "./filter_gradient.ts";
import { type ConvAttributes, geometryOf } from "./geometry.ts";
import { convInputGradient } from "./input_gradient.ts";
import { storedInHalf } from "../../../core/contracts/storage.ts";
import { replaceGradient } from "../registry.ts";

/**
 * tfjs's gradient of Conv2D throws where dilation > 1 ("dilation rates greater than 1 are not yet supported in gradients"), on
 * every backend. To see it: `tf.grad((x) => tf.conv2d(x, filter, 1, "same", "NHWC", 2))(x)`.
 */
export function installConv2dGradient(): void {
  replaceGradient("Conv2D", {
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attributes) => {
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const geometry = geometryOf(
        x.shape,
        filter.shape,
        attributes as unknown as ConvAttributes,
        false,
      );
      return {
        x: () => convInputGradient(dy as tf.Tensor4D, filter, geometry, storedInHalf(x)),
        filter: () => convFilterGradient(x, dy as tf.Tensor4D, geometry),
      };
    },
  });
}

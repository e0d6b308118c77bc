import * as tf from "@tensorflow/tfjs";
import { replaceGradient } from "../define/replace.ts";

/**
 * tfjs's gradient of Cumsum transposes its result whenever the axis is not the last one, though cumsum has already undone its
 * transpose. To see it: `tf.grad((x) => tf.cumsum(x, 0).mul(w).sum())` of a 2x3 tensor has shape 3x2.
 */
export function installCumsumGradient(): void {
  replaceGradient("Cumsum", {
    gradFunc: (dy, _saved, attributes) => {
      const { axis, exclusive, reverse } = attributes as unknown as {
        axis: number;
        exclusive: boolean;
        reverse: boolean;
      };
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  });
}

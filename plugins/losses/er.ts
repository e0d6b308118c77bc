import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { absoluteDifference, foreground, output, pair } from "seamstress/wsss";

/**
 * Equivariant regularization: the CAM of a transformed image should be the transformed CAM. Mean |A(cam(x)) − cam(A(x))| over
 * pixels and all foreground classes, absent ones included. SEAM eq. 3 and 6; author code: `train_SEAM.py`, `loss_er`.
 */
export const erLoss = definePlugin({
  kind: "loss",
  name: "er",
  summary: "equivariant regularization: A(CAM of image) against CAM of A(image)",
  options: z.strictObject({}),
  create(): Loss {
    return {
      needs: ["pair", "cam"],
      compute: (input) =>
        tf.tidy(() => {
          const { first, second } = pair(input);
          const before = foreground(output(first, "cam"));
          return tf.mean(absoluteDifference(before, foreground(output(second, "cam")))).asScalar();
        }),
    };
  },
});

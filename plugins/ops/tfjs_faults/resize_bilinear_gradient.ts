import type * as tf from "@tensorflow/tfjs";
import { interpolate } from "../interpolate/interpolate.ts";
import { replaceGradient } from "../define/replace.ts";

/**
 * tfjs's gradient of ResizeBilinear throws on cpu where height and width differ, is wrong on webgpu from 1x1, and ignores
 * half-pixel centres everywhere. To see it: `tf.grad((x) => tf.image.resizeBilinear(x, [3, 5]))(tf.ones([1, 4, 6, 1]))`.
 */
export function installResizeBilinearGradient(): void {
  replaceGradient("ResizeBilinear", {
    inputsToSave: ["images"],
    gradFunc: (dy, saved, attributes) => {
      const [images] = saved as [tf.Tensor4D];
      const { size, alignCorners, halfPixelCenters } = attributes as unknown as {
        size: [number, number];
        alignCorners: boolean;
        halfPixelCenters: boolean;
      };
      const alignment = alignCorners ? "corners" : halfPixelCenters ? "half-pixel" : "legacy";
      const from = [images.shape[1], images.shape[2]] as const;
      return {
        images: () => interpolate(dy as tf.Tensor4D, from, size, alignment, "backward"),
      };
    },
  });
}

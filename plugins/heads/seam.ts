import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin } from "seamstress";
import { resizeBilinear } from "seamstress/ops";
import { type PixelHead, seamLayerOptions, seamLayers } from "seamstress/wsss";

/**
 * SEAM's head (Wang et al., CVPR 2020; author code `network/resnet38_SEAM.py`): class activation maps, and the same revised by
 * the pixel correlation module. No gradient reaches the backbone or the CAM through the PCM: `cam_rv` trains f8_3, f8_4, f9 only.
 */
export const seamHead = definePlugin({
  kind: "head",
  name: "seam",
  summary: "class activation maps, raw and revised by the pixel correlation module (PCM)",
  options: z.strictObject(seamLayerOptions),
  create(options, args): PixelHead {
    const layers = seamLayers(options, args);
    return {
      outputs: ["cam", "cam_rv"],
      params: layers.params,
      pixelFeatures: layers.pixelFeatures,
      forward: (taps, image, params, context) =>
        tf.tidy(() => {
          const size = [image.shape[1], image.shape[2]] as const;
          const { cam, revised } = layers.forward(taps, image, params, context);
          return {
            cam: resizeBilinear(cam, size, true),
            cam_rv: resizeBilinear(revised, size, true),
          };
        }),
    };
  },
});

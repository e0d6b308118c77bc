import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin } from "seamstress";
import { resizeBilinear } from "seamstress/ops";
import {
  classifierTap,
  type PixelHead,
  pointwise,
  pointwiseSpec,
  seamLayerOptions,
  seamLayers,
} from "seamstress/wsss";

/**
 * SEAM's head with a projection (Du et al., CVPR 2022; author code wseg, `network/resnet38_contrast.py`): besides `cam` and `cam_rv`
 * it gives `projection`, ReLU of a 1x1 convolution on what the classifier reads, and `cam_rv_map`, the revised CAM before it is
 * resized; both at the size of the last tap's map.
 */
export const ppcHead = definePlugin({
  kind: "head",
  name: "ppc",
  summary: "SEAM's maps, and features projected for pixel-to-prototype contrast",
  options: z.strictObject({
    ...seamLayerOptions,
    channels: z.int().min(1).default(128).describe("channels of the projection"),
  }),
  create({ channels, ...options }, args): PixelHead {
    const layers = seamLayers(options, args);
    const source = classifierTap(args.taps);
    return {
      outputs: ["cam", "cam_rv", "cam_rv_map", "projection"],
      pixelFeatures: layers.pixelFeatures,
      params: [
        ...layers.params,
        pointwiseSpec("fc_proj", source.channels, channels, { kind: "xavier-uniform", gain: 1 }),
      ],
      forward: (taps, image, params, context) =>
        tf.tidy(() => {
          const size = [image.shape[1], image.shape[2]] as const;
          const { deep, cam, revised } = layers.forward(taps, image, params, context);
          return {
            cam: resizeBilinear(cam, size, true),
            cam_rv: resizeBilinear(revised, size, true),
            cam_rv_map: revised,
            projection: tf.relu(pointwise(deep, params, "fc_proj")),
          };
        }),
    };
  },
});

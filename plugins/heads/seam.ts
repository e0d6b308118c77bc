import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head } from "seamstress";
import { channelDropout, resizeBilinear, withoutGradient } from "seamstress/ops";
import {
  classifierTap,
  normalizedCam,
  pixelCorrelation,
  pointwise,
  pointwiseSpec,
  tapBeside,
} from "seamstress/wsss";

/** Channels of the image, which is one of the PCM's features. */
const IMAGE_CHANNELS = 3;

/**
 * SEAM's head (Wang et al., CVPR 2020; author code `network/resnet38_SEAM.py`): class activation maps, and the same revised by
 * the pixel correlation module. No gradient reaches the backbone or the CAM through the PCM: `cam_rv` trains f8_3, f8_4, f9 only.
 */
export const seamHead = definePlugin({
  kind: "head",
  name: "seam",
  summary: "class activation maps, raw and revised by the pixel correlation module (PCM)",
  options: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0.5).describe(
      "rate of channel dropout before the classifier",
    ),
    low: z.string().default("conv4").describe("tap that f8_3 reads"),
    mid: z.string().default("conv5").describe("tap that f8_4 reads"),
    lowChannels: z.int().min(1).default(64).describe("channels out of f8_3"),
    midChannels: z.int().min(1).default(128).describe("channels out of f8_4"),
    featureChannels: z.int().min(1).default(192).describe(
      "channels out of f9, which pixels are compared by",
    ),
    imageScale: z.number().positive().default(1).describe(
      "factor on the normalised image where it enters f9",
    ),
  }),
  create(options, { taps, classes }): Head {
    const { lowChannels, midChannels, featureChannels } = options;
    const source = classifierTap(taps);
    const low = tapBeside(taps, options.low, "low");
    const mid = tapBeside(taps, options.mid, "mid");
    const joined = IMAGE_CHANNELS + lowChannels + midChannels;
    const kaiming = { kind: "kaiming-normal", scale: 1 } as const;
    return {
      outputs: ["cam", "cam_rv"],
      params: [
        pointwiseSpec("fc8", source.channels, 1 + classes, { kind: "xavier-uniform", gain: 1 }),
        pointwiseSpec("f8_3", low.channels, lowChannels, kaiming),
        pointwiseSpec("f8_4", mid.channels, midChannels, kaiming),
        pointwiseSpec("f9", joined, featureChannels, { kind: "xavier-uniform", gain: 4 }),
      ],
      forward: (tensors, image, params, context) =>
        tf.tidy(() => {
          const size = [image.shape[1], image.shape[2]] as const;
          const deep = channelDropout(
            tensors[source.name]!,
            options.dropout,
            context,
            "dropout fc8",
          );
          const cam = pointwise(deep, params, "fc8");
          const small = withoutGradient(() => {
            const resized = resizeBilinear(image, [cam.shape[1], cam.shape[2]], true);
            return tf.mul<tf.Tensor4D>(resized, options.imageScale);
          });
          const project = (tap: string, name: string) =>
            tf.relu(pointwise(withoutGradient(() => tensors[tap]!), params, name));
          const features = tf.concat([
            small,
            project(low.name, "f8_3"),
            project(mid.name, "f8_4"),
          ], 3);
          const revised = pixelCorrelation(normalizedCam(cam), pointwise(features, params, "f9"));
          return {
            cam: resizeBilinear(cam, size, true),
            cam_rv: resizeBilinear(revised, size, true),
          };
        }),
    };
  },
});

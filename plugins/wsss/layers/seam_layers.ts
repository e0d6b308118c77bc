import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Taps } from "../../../core/contracts/backbone.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import type { HeadArgs } from "../../../core/contracts/head.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import { channelDropout } from "../../ops/dropout/channel_dropout.ts";
import { withoutGradient } from "../../ops/gradient/without_gradient.ts";
import { resizeBilinear } from "../../ops/interpolate/resize_bilinear.ts";
import { normalizedCam } from "../cams/normalized_cam.ts";
import { pixelCorrelation } from "../pcm/pcm.ts";
import { classifierTap, pointwise, pointwiseSpec, tapBeside } from "./pointwise.ts";

/** Channels of the image, which is one of the PCM's features. */
const IMAGE_CHANNELS = 3;

/** Options of SEAM's layers; a head that adds to them spreads these into its own. */
export const seamLayerOptions:
  & Readonly<Record<"dropout" | "imageScale", z.ZodDefault<z.ZodNumber>>>
  & Readonly<Record<"low" | "mid", z.ZodDefault<z.ZodString>>>
  & Readonly<
    Record<"lowChannels" | "midChannels" | "featureChannels", z.ZodDefault<z.ZodInt>>
  > = {
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
  };

/** Checked {@linkcode seamLayerOptions}. */
export type SeamLayerOptions = z.output<z.ZodObject<typeof seamLayerOptions>>;

/** What SEAM's layers give, at the size of the last tap's map. */
export interface SeamMaps {
  /** `[N,h,w,C]`: the last tap behind dropout, which the classifier reads. */
  readonly deep: tf.Tensor4D;
  /** `[N,h,w,1+C]`: raw scores. */
  readonly cam: tf.Tensor4D;
  /** `[N,h,w,1+C]`: the same revised by the PCM; no gradient of it reaches the backbone or the CAM. */
  readonly revised: tf.Tensor4D;
}

/** SEAM's layers on the taps of a backbone. */
export interface SeamLayers {
  /** `fc8`, `f8_3`, `f8_4` and `f9`. */
  readonly params: readonly ParamSpec[];
  /** Runs them. @param image `[N,H,W,3]` float32, normalised; the network's input. */
  forward(taps: Taps, image: tf.Tensor4D, params: Params, context: ForwardContext): SeamMaps;
  /** What the PCM compares pixels by, `[N,h,w,D]`, at the size of the last tap's map. */
  pixelFeatures(taps: Taps, image: tf.Tensor4D, params: Params): tf.Tensor4D;
}

/**
 * The layers of SEAM's head (Wang et al., CVPR 2020; author code `network/resnet38_SEAM.py`): class activation maps, and the same
 * revised by the pixel correlation module.
 *
 * @param options checked
 * @param args taps and classes
 * @returns specs, and what runs the layers
 * @throws {RangeError} where a tap is missing or has another stride than the last
 */
export function seamLayers(options: SeamLayerOptions, { taps, classes }: HeadArgs): SeamLayers {
  const { lowChannels, midChannels, featureChannels } = options;
  const source = classifierTap(taps);
  const low = tapBeside(taps, options.low, "low");
  const mid = tapBeside(taps, options.mid, "mid");
  const joined = IMAGE_CHANNELS + lowChannels + midChannels;
  const kaiming = { kind: "kaiming-normal", scale: 1 } as const;
  /** The image, `f8_3` and `f8_4` joined, through `f9`. */
  const pixelFeatures = (tensors: Taps, image: tf.Tensor4D, params: Params) => {
    const [, height, width] = tensors[source.name]!.shape;
    const small = withoutGradient(() => {
      const resized = resizeBilinear(image, [height, width], true);
      return tf.mul<tf.Tensor4D>(resized, options.imageScale);
    });
    const project = (tap: string, name: string) =>
      tf.relu(pointwise(withoutGradient(() => tensors[tap]!), params, name));
    const features = tf.concat([
      small,
      project(low.name, "f8_3"),
      project(mid.name, "f8_4"),
    ], 3);
    return pointwise(features, params, "f9");
  };
  return {
    params: [
      pointwiseSpec("fc8", source.channels, 1 + classes, { kind: "xavier-uniform", gain: 1 }),
      pointwiseSpec("f8_3", low.channels, lowChannels, kaiming),
      pointwiseSpec("f8_4", mid.channels, midChannels, kaiming),
      pointwiseSpec("f9", joined, featureChannels, { kind: "xavier-uniform", gain: 4 }),
    ],
    forward(tensors, image, params, context) {
      const deep = channelDropout(tensors[source.name]!, options.dropout, context, "dropout fc8");
      const cam = pointwise(deep, params, "fc8");
      const features = pixelFeatures(tensors, image, params);
      const revised = pixelCorrelation(normalizedCam(cam), features);
      return { deep, cam, revised };
    },
    pixelFeatures,
  };
}

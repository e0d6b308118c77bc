import * as tf from "@tensorflow/tfjs";
import type { Outputs } from "seamstress";
import { resizeBilinear, unitVectors, withoutGradient } from "seamstress/ops";
import { output } from "seamstress/wsss";
import type { ContrastedView } from "./contrast.ts";
import type { PpcLossOptions } from "./options.ts";
import { pixelScores, prototypesOf, pseudoLabels, SHORTEST } from "./prototypes.ts";

/** What a view shows, `[N,h,w,…]`. */
export interface ViewMaps {
  /** `[N,h,w,D]`, the features. */
  readonly projection: tf.Tensor4D;
  /** `[N,h,w,1+C]`, the revised CAM: raw scores, channel 0 background. */
  readonly cam: tf.Tensor4D;
}

/**
 * Takes what is contrasted from one side of a pair.
 *
 * @param outputs of the head
 * @param size that maps are resized to where they have another: a view may round their size otherwise than that of the image
 * @returns the maps
 */
export function mapsOf(outputs: Outputs, size?: readonly [number, number]): ViewMaps {
  const of = (name: string) => {
    const map = output(outputs, name);
    const [, height, width] = map.shape;
    return !size || `${size}` === `${[height, width]}` ? map : resizeBilinear(map, size, true);
  };
  return { projection: of("projection"), cam: of("cam_rv_map") };
}

/**
 * Finds pixels, prototypes and pseudo labels of a view; the gradient goes through the pixels alone.
 *
 * @param maps of the view
 * @param label `[N,C]` in {0,1}
 * @param options of the loss
 * @returns all of the batch together
 */
export function contrastedView(
  { projection, cam }: ViewMaps,
  label: tf.Tensor2D,
  options: PpcLossOptions,
): ContrastedView {
  const [, height, width, channels] = projection.shape;
  const features = tf.reshape<tf.Rank.R2>(projection, [-1, channels]);
  const scores = withoutGradient(() => pixelScores(cam, options.background));
  const count = Math.max(1, Math.floor(height * width * options.share));
  return {
    pixels: tf.squeeze<tf.Tensor2D>(unitVectors(tf.expandDims(features, 0), SHORTEST), [0]),
    prototypes: withoutGradient(() => prototypesOf(features, scores, count)),
    classes: withoutGradient(() => pseudoLabels(scores, label)),
  };
}

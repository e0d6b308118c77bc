import * as tf from "@tensorflow/tfjs";
import type { Raster } from "seamstress";
import { crop, resizeBilinear } from "seamstress/ops";
import {
  type Cams,
  classifierTap,
  imageBatch,
  type Model,
  normalizeMap,
  scaledView,
} from "seamstress/wsss";
import { climb, type ClimbOptions } from "./climb.ts";

/** How CAMs are inferred. */
export interface AdversarialCamOptions extends ClimbOptions {
  /** Factors on the image's size. */
  readonly scales: readonly number[];
  /** Regions that are added up a class and scale of 1 or more. */
  readonly iterations: number;
  /** Called when a scale is done and its tensors are freed: the next has other shapes. */
  readonly afterScale?: () => void;
}

/**
 * How many regions are added up at a scale: below 1, where a step of the same size changes more of an image, the authors take half of
 * more than 10, and 5 of 6 to 10.
 *
 * @param scale factor on the image's size
 * @param iterations those of a scale of 1
 * @returns how many
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { iterationsAt } from "./adversarial_cam.ts";
 * assertEquals([0.5, 1, 2].map((scale) => iterationsAt(scale, 27)), [13, 27, 27]);
 * assertEquals([4, 6, 10, 11].map((iterations) => iterationsAt(0.5, iterations)), [4, 5, 5, 5]);
 * ```
 */
export function iterationsAt(scale: number, iterations: number): number {
  if (scale >= 1) return iterations;
  if (iterations > 10) return Math.floor(iterations / 2);
  return Math.min(iterations, 5);
}

/** Enlarges a map of a stride to the image's size: first to whole squares of the stride, as the authors do, then cut. */
function enlarge(map: tf.Tensor2D, stride: number, { width, height }: Raster): tf.Tensor2D {
  return tf.tidy(() => {
    const whole = [
      Math.ceil(height / stride) * stride,
      Math.ceil(width / stride) * stride,
    ] as const;
    const stacked = tf.reshape<tf.Rank.R4>(map, [1, ...map.shape, 1]);
    const large = resizeBilinear(stacked, whole, false);
    return tf.reshape<tf.Rank.R2>(crop(large, [0, 0], [1, height, width, 1]), [height, width]);
  });
}

/**
 * AdvCAM's CAMs of an image (author code `obtain_CAM_masking.py`): at every scale, with its mirror image, each labelled class climbs
 * from the image itself; regions are enlarged, added up over the scales and divided by their maximum plus 1e-5.
 *
 * @param model with parameters on the backend
 * @param image RGB uint8
 * @param label `[C]` in {0,1}
 * @param options scales, iterations, climb
 * @returns CAMs of the labelled classes, 0..1 each, at the image's size
 * @throws {RangeError} where the network computes a number that is not finite
 */
export async function adversarialCam(
  model: Model,
  image: Raster,
  label: Float32Array,
  options: AdversarialCamOptions,
): Promise<Cams> {
  const { width, height } = image;
  const { stride } = classifierTap(model.backbone.taps);
  const sums = new Map<number, tf.Tensor2D>();
  const present = [...label.keys()].filter((c) => label[c]! > 0);
  try {
    for (const scale of options.scales) {
      const pixels = scaledView(image, scale, model.backbone.sideMultiple);
      const view = imageBatch(pixels, [false, true], model.backbone.input);
      const iterations = iterationsAt(scale, options.iterations);
      try {
        for (const c of present) {
          const sum = tf.tidy(() => {
            const map = enlarge(climb(model, view, c, iterations, options), stride, image);
            const before = sums.get(c);
            return before === undefined ? map : tf.add<tf.Tensor2D>(before, map);
          });
          sums.get(c)?.dispose();
          sums.set(c, sum);
        }
      } finally {
        view.dispose();
      }
      options.afterScale?.();
    }
    const maps = new Map<number, Float32Array>();
    for (const [c, sum] of sums) {
      const values = await sum.data<"float32">();
      if (!values.every(Number.isFinite)) {
        throw new RangeError("the network computed a number that is not finite");
      }
      maps.set(c, normalizeMap(values, "max"));
    }
    return { width, height, maps };
  } finally {
    tf.dispose([...sums.values()]);
  }
}

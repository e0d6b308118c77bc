import * as tf from "@tensorflow/tfjs";
import type { Taps } from "../../../core/contracts/backbone.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import type { Head } from "../../../core/contracts/head.ts";
import type { Params } from "../../../core/contracts/params.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { unitVectors } from "../../ops/unit_vectors/unit_vectors.ts";
import { imageBatch } from "../inference/image_batch.ts";
import { scaledView } from "../inference/multi_scale_cam.ts";
import type { Model } from "../training/model.ts";
import { checkPixel } from "./check_pixel.ts";
import { EPSILON } from "./pcm.ts";

/** A head that compares pixels by features, as SEAM's does in its PCM. */
export interface PixelHead extends Head {
  /** What pixels are compared by. @returns `[N,h,w,D]`, at the size of the last tap's map. */
  pixelFeatures(taps: Taps, image: tf.Tensor4D, params: Params): tf.Tensor4D;
}

/**
 * Tells whether a head compares pixels.
 *
 * @param head of any network
 * @returns whether {@linkcode pixelVectors} can be had of it
 */
export function comparesPixels(head: Head): head is PixelHead {
  return typeof (head as Partial<PixelHead>).pixelFeatures === "function";
}

/** What a network compares the pixels of an image by; disposing it frees the vectors. */
export interface PixelVectors extends Disposable {
  /** Of the feature map. */
  readonly height: number;
  /** Of the feature map. */
  readonly width: number;
  /** `[1,height*width,D]`, each of length 1, or 0. */
  readonly vectors: tf.Tensor3D;
}

/**
 * Runs a network on an image, at its own size, for what its PCM compares pixels by: f / (‖f‖₂ + 1e-5).
 *
 * @param model whose head compares pixels
 * @param image RGB uint8
 * @returns the vectors, on the backend
 * @throws {TypeError} where the head compares none
 */
export function pixelVectors(model: Model, image: Raster): PixelVectors {
  const { head, backbone, params } = model;
  if (!comparesPixels(head)) {
    throw new TypeError(
      `Cannot compare pixels: the head gives ${head.outputs.join(", ")}, and no features of pixels`,
    );
  }
  let height = 0, width = 0;
  const vectors = tf.tidy(() => {
    const view = scaledView(image, 1, backbone.sideMultiple);
    const input = imageBatch(view, [false], backbone.input);
    const features = head.pixelFeatures(model.taps(input, inference), input, params);
    const [, rows, columns, channels] = features.shape;
    [height, width] = [rows, columns];
    const flat = tf.reshape<tf.Rank.R3>(features, [1, rows * columns, channels]);
    return unitVectors(flat, EPSILON);
  });
  return { height, width, vectors, [Symbol.dispose]: () => vectors.dispose() };
}

/**
 * How alike a pixel is to all pixels of the feature map: its row of the PCM's A = relu(f̂ f̂ᵀ). SEAM, section 3.3, eq. 8.
 *
 * @param vectors of an image
 * @param pixel y * width + x, of the feature map
 * @returns `[height*width]`, 0..1; 1 for the pixel itself
 * @throws {RangeError} where there is no such pixel
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { pixelAffinity } from "seamstress/wsss";
 * await tf.setBackend("cpu");
 * const vectors = tf.tensor3d([1, 0, 0.6, 0.8, 0, 1], [1, 3, 2]);
 * const [itself, near, far] = await pixelAffinity({ height: 1, width: 3, vectors }, 0);
 * assertAlmostEquals(itself!, 1, 1e-6);
 * assertAlmostEquals(near!, 0.6, 1e-6);
 * assertAlmostEquals(far!, 0, 1e-6);
 * ```
 */
export async function pixelAffinity(
  { height, width, vectors }: Omit<PixelVectors, typeof Symbol.dispose>,
  pixel: number,
): Promise<Float32Array> {
  checkPixel({ height, width }, pixel, "compare");
  const row = tf.tidy(() => {
    const own = tf.slice(vectors, [0, pixel, 0], [1, 1, -1]);
    return tf.relu(tf.matMul(vectors, own, false, true));
  });
  try {
    return await row.data<"float32">();
  } finally {
    row.dispose();
  }
}

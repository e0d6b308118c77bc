import * as tf from "@tensorflow/tfjs";
import type { StoredCams } from "../../../core/cam_store.ts";
import type { Prediction } from "../../../core/contracts/metric.ts";
import { resizeNearest } from "../../../core/image/pillow_nearest.ts";
import { roundHalfEven } from "../../../core/image/round_half_even.ts";
import { resizeBilinear } from "../../../core/ops/resize_bilinear.ts";
import type { Raster } from "../../../core/sample.ts";

/** Resizes maps of one size: bilinear, align_corners false. */
async function resizeMaps(
  maps: ReadonlyMap<number, Float32Array>,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<ReadonlyMap<number, Float32Array>> {
  const resized = new Map<number, Float32Array>();
  for (const [c, map] of maps) {
    const small = tf.tidy(() => resizeBilinear(tf.tensor4d(map, [1, ...from, 1]), to, false));
    resized.set(c, await small.data<"float32">());
    small.dispose();
  }
  return resized;
}

/**
 * Brings what was inferred of an image and its ground truth to one size.
 *
 * @param name the image's name
 * @param stored its CAMs, scores or both
 * @param truth labels `[C]` and, where pixels are scored, the mask
 * @param maskScale evaluated size over the mask's: the mask is resized by nearest neighbour (Pillow's), CAMs of another size bilinearly
 * @returns what a metric takes
 */
export async function predict(
  name: string,
  { cams, scores }: StoredCams,
  truth: { readonly label: Float32Array; readonly mask?: Raster },
  maskScale: number,
): Promise<Prediction> {
  const { label, mask } = truth;
  const scaled = (side: number) => Math.max(roundHalfEven(side * maskScale), 1);
  const width = scaled(mask?.width ?? cams?.width ?? 1);
  const height = scaled(mask?.height ?? cams?.height ?? 1);
  const fits = cams?.width === width && cams.height === height;
  return {
    name,
    width,
    height,
    ...cams && {
      cams: fits
        ? cams.maps
        : await resizeMaps(cams.maps, [cams.height, cams.width], [height, width]),
    },
    ...scores && { scores },
    truth: {
      label,
      ...mask && { mask: resizeNearest(mask, width, height).data as Uint8Array },
    },
  };
}

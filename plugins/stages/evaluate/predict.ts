import * as tf from "@tensorflow/tfjs";
import { type Prediction, type Raster, resizeNearest, roundHalfEven, userError } from "seamstress";
import { resizeBilinear } from "seamstress/ops";
import { reducedSize } from "seamstress/wsss";
import type { Predicted } from "./predictions.ts";

type Size = Pick<Raster, "width" | "height">;

/** At which size images are scored. */
export interface ScoredSize {
  /** Evaluated size over the mask's. */
  readonly maskScale: number;
  /** Images were reduced to this long side before CAMs were inferred. */
  readonly longSide?: number | undefined;
}

/** Resizes maps of one size: bilinear, align_corners false. */
async function resizeMaps(
  maps: ReadonlyMap<number, Float32Array>,
  from: Size,
  to: Size,
): Promise<ReadonlyMap<number, Float32Array>> {
  if (from.width === to.width && from.height === to.height) return maps;
  const resized = new Map<number, Float32Array>();
  for (const [c, map] of maps) {
    const small = tf.tidy(() =>
      resizeBilinear(
        tf.tensor4d(map, [1, from.height, from.width, 1]),
        [to.height, to.width],
        false,
      )
    );
    resized.set(c, await small.data<"float32">());
    small.dispose();
  }
  return resized;
}

/** Refuses predictions of another image, which resizing would hide. */
function checkSize(name: string, what: string, found: Size, wanted: Size, mask: Size): void {
  if (found.width === wanted.width && found.height === wanted.height) return;
  const reduced = wanted.width === mask.width && wanted.height === mask.height
    ? ""
    : `, which makes CAMs of ${wanted.width}x${wanted.height}`;
  throw userError(
    new RangeError(
      `Cannot score ${name}: its ${what} ${found.width}x${found.height}, ` +
        `its ground truth is ${mask.width}x${mask.height}${reduced}`,
    ),
  );
}

/**
 * Resizes an image's prediction and ground truth to one size.
 *
 * @param name the image's name
 * @param predicted its CAMs, scores or mask
 * @param truth labels `[C]` and, where pixels are scored, the mask
 * @param size masks are resized by nearest neighbour (Pillow's), CAMs of another size bilinearly
 * @returns what a metric takes
 * @throws {RangeError} where mask or CAMs are not of the size that the ground truth's image gives
 */
export async function predict(
  name: string,
  { cams, scores, mask: guess }: Predicted,
  truth: { readonly label: Float32Array; readonly mask?: Raster },
  { maskScale, longSide }: ScoredSize,
): Promise<Prediction> {
  const { label, mask } = truth;
  if (mask && cams) checkSize(name, "CAMs are", cams, reducedSize(mask, longSide), mask);
  if (mask && guess) checkSize(name, "predicted mask is", guess, mask, mask);
  const scaled = (side: number) => Math.max(roundHalfEven(side * maskScale), 1);
  const full = mask ?? guess ?? cams ?? { width: 1, height: 1 };
  const size = { width: scaled(full.width), height: scaled(full.height) };
  const pixels = (raster: Raster) => {
    const fits = raster.width === size.width && raster.height === size.height;
    return (fits ? raster : resizeNearest(raster, size.width, size.height)).data as Uint8Array;
  };
  return {
    name,
    ...size,
    ...cams && { cams: await resizeMaps(cams.maps, cams, size) },
    ...guess && { mask: pixels(guess) },
    ...scores && { scores },
    truth: { label, ...mask && { mask: pixels(mask) } },
  };
}

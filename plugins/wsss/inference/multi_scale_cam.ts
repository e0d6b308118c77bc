import * as tf from "@tensorflow/tfjs";
import type { Cams } from "../cams/cam_store.ts";
import { resizeBicubic } from "../../images/pillow_bicubic.ts";
import { roundHalfEven } from "../../images/round_half_even.ts";
import type { Model } from "../training/model.ts";
import { resizeBilinear } from "../../ops/interpolate/resize_bilinear.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { imageBatch } from "./image_batch.ts";
import { type MapNormalization, normalizeMap } from "./normalize_map.ts";

/**
 * Largest view that is run together with its mirror image: with 64 channels at full resolution such a pair fits the 128 MiB bindings
 * that every WebGPU adapter has. Larger views run one at a time, in half the memory.
 */
const PAIR_PIXELS = 512 * 512;

/** How CAMs are inferred. */
export interface MultiScaleOptions {
  /** Factors on the image's size. */
  readonly scales: readonly number[];
  /** Whether each scale's mirror image counts too. */
  readonly flip: boolean;
  /** Head output that gives the CAMs, such as `cam_rv`. */
  readonly output: string;
  /** Head output whose spatial mean gives the image-level scores; `cam` where not given, `output` of a head that has no `cam`. */
  readonly scoresFrom?: string;
  /** How each class's CAM is brought to 0..1; as SEAM's authors do where not given. */
  readonly normalize?: MapNormalization;
  /** Called when a scale is done and its tensors are freed: the next has other shapes. */
  readonly afterScale?: () => void;
}

/** Results of one image. */
export interface MultiScaleResult {
  /** Of the labelled classes, normalised to 0..1 each, at the image's size. */
  readonly cams: Cams;
  /** `[C]`: mean over the views of the spatial mean of the classes' logits. */
  readonly scores: Float32Array;
}

/** What is added up over the views: `[C]` scores and, where the image has classes, `[H,W,K]` CAMs. */
type Sums = tf.Tensor[];

/**
 * Groups the view of one scale and its mirror image into batches.
 *
 * @param view its size
 * @param flip whether the mirror image counts too
 * @returns for each row of each batch, whether it is the mirror image
 */
export function batchesOf(
  { width, height }: Pick<Raster, "width" | "height">,
  flip: boolean,
): readonly (readonly boolean[])[] {
  if (!flip) return [[false]];
  return width * height <= PAIR_PIXELS ? [[false, true]] : [[false], [true]];
}

/**
 * An image at another scale: Pillow's bicubic, sides rounded half to even, never 0.
 *
 * @param image uint8
 * @param scale factor on its size
 * @param multiple what the sides are rounded to multiples of, the backbone's `sideMultiple`
 * @returns the view
 */
export function scaledView(image: Raster, scale: number, multiple = 1): Raster {
  const side = (length: number) => multiple * Math.max(roundHalfEven(length * scale / multiple), 1);
  return resizeBicubic(image, side(image.width), side(image.height));
}

/** Scores of one batch, and CAMs of the labelled classes, resized, unmirrored; added up. */
function inferBatch(
  model: Model,
  view: Raster,
  mirrored: readonly boolean[],
  present: readonly number[],
  size: readonly [number, number],
  options: MultiScaleOptions,
): Sums {
  return tf.tidy(() => {
    const outputs = model.forward(imageBatch(view, mirrored, model.backbone.input), inference);
    const { output } = options;
    const { scoresFrom = model.head.outputs.includes("cam") ? "cam" : output } = options;
    const means = tf.sum(tf.mean(outputs[scoresFrom]!, [1, 2]), 0);
    const scores = tf.slice(means, 1, means.size - 1);
    if (present.length === 0) return [scores];
    const channels = tf.tensor1d(present.map((c) => 1 + c), "int32");
    const maps = tf.gather(outputs[output]!, channels, 3);
    const resized = tf.unstack(resizeBilinear(maps, size, false));
    return [scores, tf.addN(resized.map((map, i) => mirrored[i] ? tf.reverse(map, 1) : map))];
  });
}

function addTo(sums: Sums | undefined, more: Sums): Sums {
  if (!sums) return more;
  const added = sums.map((sum, i) => tf.add(sum, more[i]!));
  tf.dispose([sums, more]);
  return added;
}

/** `[H*W,K]` interleaved → negative to 0, one normalised map per class. */
function splitMaps(
  sums: Float32Array,
  present: readonly number[],
  normalize: MapNormalization = "min-max",
): ReadonlyMap<number, Float32Array> {
  const count = present.length;
  return new Map(present.map((c, k) => {
    const map = new Float32Array(sums.length / count);
    for (let i = 0; i < map.length; i++) map[i] = Math.max(sums[i * count + k]!, 0);
    return [c, normalizeMap(map, normalize)];
  }));
}

/**
 * Infers an image's CAMs as the SEAM authors' `infer_SEAM.py` does: the image at several scales (Pillow's bicubic), each with its
 * mirror image; the CAMs of the labelled classes resized to the image's size (bilinear, align_corners false), mirrored back and
 * added up; negative → 0; each class normalised by its minimum and maximum, or as `normalize` says.
 *
 * @param model with parameters on the backend
 * @param image RGB uint8
 * @param label `[C]` in {0,1}
 * @param options scales, mirroring, outputs
 * @returns CAMs and image-level scores, off the backend
 * @throws {RangeError} where the network computes a number that is not finite
 */
export async function multiScaleCam(
  model: Model,
  image: Raster,
  label: Float32Array,
  options: MultiScaleOptions,
): Promise<MultiScaleResult> {
  const { width, height } = image;
  const present = [...label.keys()].filter((c) => label[c]! > 0);
  let sums: Sums | undefined;
  try {
    for (const scale of options.scales) {
      const view = scaledView(image, scale, model.backbone.sideMultiple);
      for (const mirrored of batchesOf(view, options.flip)) {
        const added = inferBatch(model, view, mirrored, present, [height, width], options);
        sums = addTo(sums, added);
      }
      options.afterScale?.();
    }
    if (!sums) throw new RangeError("Cannot infer CAMs without a scale");
    const views = options.scales.length * (options.flip ? 2 : 1);
    const scores = (await sums[0]!.data<"float32">()).map((sum) => sum / views);
    const added = await sums[1]?.data<"float32">() ?? new Float32Array();
    // Looked at here, before max(), which would hide it.
    if (!scores.every(Number.isFinite) || !added.every(Number.isFinite)) {
      throw new RangeError("the network computed a number that is not finite");
    }
    return { cams: { width, height, maps: splitMaps(added, present, options.normalize) }, scores };
  } finally {
    if (sums) tf.dispose(sums);
  }
}

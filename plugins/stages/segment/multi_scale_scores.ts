import * as tf from "@tensorflow/tfjs";
import { inference, type Raster, type Scores } from "seamstress";
import { batchesOf, imageBatch, type Model, scaledView } from "seamstress/wsss";
import { resizeBilinear } from "seamstress/ops";

/** Head output that holds the scores of every class at every pixel. */
export const SEGMENTATION = "segmentation";

/** How an image is segmented. */
export interface SegmentOptions {
  /** Factors on the image's size. */
  readonly scales: readonly number[];
  /** Whether each scale's mirror image counts too. */
  readonly flip: boolean;
  /** What is averaged over the views: raw scores, whose softmax is then taken, or the views' own probabilities. */
  readonly average: "logits" | "probabilities";
  /** Called when a scale is done and its tensors are freed: the next has other shapes. */
  readonly afterScale?: () => void;
}

/** Raw scores or probabilities of one batch at the image's size, unmirrored, added up: `[H,W,1+C]`. */
function inferBatch(
  model: Model,
  view: Raster,
  mirrored: readonly boolean[],
  size: readonly [number, number],
  average: SegmentOptions["average"],
): tf.Tensor3D {
  return tf.tidy(() => {
    const outputs = model.forward(imageBatch(view, mirrored, model.backbone.input), inference);
    const resized = resizeBilinear(outputs[SEGMENTATION]!, size, true);
    const scores = average === "logits" ? resized : tf.softmax(resized);
    const maps = tf.unstack(scores) as tf.Tensor3D[];
    return tf.addN(maps.map((map, i) => mirrored[i] ? tf.reverse(map, 1) : map));
  });
}

/**
 * Segments an image as the authors of SEAM test their retrained network (semantic-segmentation-codebase,
 * `experiment/seamv1-pseudovoc/test.py`): at several scales (Pillow's bicubic), each with its mirror image; raw scores resized to
 * the image's size (bilinear, aligned corners), mirrored back and averaged; then softmax.
 *
 * @param model with parameters on the backend
 * @param image RGB uint8
 * @param options scales, mirroring, what is averaged
 * @returns probabilities `[1+C,H,W]`, background first, off the backend
 * @throws {RangeError} where the network computes a number that is not finite
 */
export async function multiScaleScores(
  model: Model,
  image: Raster,
  { scales, flip, average, afterScale }: SegmentOptions,
): Promise<Scores> {
  const { width, height } = image;
  const views = scales.length * (flip ? 2 : 1);
  let sum: tf.Tensor3D | undefined, result: tf.Tensor3D | undefined;
  try {
    for (const scale of scales) {
      const view = scaledView(image, scale, model.backbone.sideMultiple);
      for (const mirrored of batchesOf(view, flip)) {
        const added = inferBatch(model, view, mirrored, [height, width], average);
        const before = sum;
        sum = before ? tf.add(before, added) : added;
        if (before) tf.dispose([before, added]);
      }
      afterScale?.();
    }
    if (!sum) throw new RangeError("Cannot segment an image without a scale");
    const total = sum;
    result = tf.tidy(() => {
      const mean = tf.div<tf.Tensor3D>(total, views);
      return tf.transpose(average === "logits" ? tf.softmax(mean) : mean, [2, 0, 1]);
    });
    const data = await result.data<"float32">();
    if (!data.every(Number.isFinite)) {
      throw new RangeError("the network computed a number that is not finite");
    }
    return { width, height, channels: result.shape[0], data };
  } finally {
    tf.dispose([sum ?? [], result ?? []]);
  }
}

import * as tf from "@tensorflow/tfjs";
import type { Normalization } from "../../../core/contracts/backbone.ts";
import type { Raster } from "../../../core/data/sample.ts";

/** Normalised value of every byte, channel by channel: `[3 * 256]`. */
function lookup({ mean, std }: Normalization): Float32Array {
  return Float32Array.from(
    { length: 3 * 256 },
    (_, i) => ((i & 255) / 255 - mean[i >> 8]!) / std[i >> 8]!,
  );
}

/**
 * Puts an image on the backend, normalised, once for every view.
 *
 * @param image RGB uint8
 * @param mirrored for each row of the batch, whether it is the image's mirror image
 * @param normalization what the backbone wants
 * @returns `[N,H,W,3]` float32
 * @throws {TypeError} where the image is not RGB uint8
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { imageBatch } from "seamstress/wsss";
 * await tf.setBackend("cpu");
 * const image = { width: 2, height: 1, channels: 3, data: Uint8Array.of(0, 0, 0, 255, 255, 255) };
 * const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
 * const batch = imageBatch(image, [false, true], half);
 * assertEquals(batch.shape, [2, 1, 2, 3]);
 * assertEquals([...await batch.data()], [-1, -1, -1, 1, 1, 1, 1, 1, 1, -1, -1, -1]);
 * ```
 */
export function imageBatch(
  image: Raster,
  mirrored: readonly boolean[],
  normalization: Normalization,
): tf.Tensor4D {
  const { width, height, channels, data } = image;
  if (channels !== 3 || !(data instanceof Uint8Array)) {
    throw new TypeError(`Cannot infer from ${channels} channels: the image must be RGB bytes`);
  }
  const values = lookup(normalization);
  const pixels = new Float32Array(mirrored.length * data.length);
  mirrored.forEach((mirror, i) => {
    const step = mirror ? -3 : 3, first = mirror ? 3 * (width - 1) : 0;
    let to = i * data.length;
    for (let y = 0; y < height; y++) {
      let from = 3 * y * width + first;
      for (const end = to + 3 * width; to < end; to += 3, from += step) {
        pixels[to] = values[data[from]!]!;
        pixels[to + 1] = values[256 | data[from + 1]!]!;
        pixels[to + 2] = values[512 | data[from + 2]!]!;
      }
    }
  });
  return tf.tensor4d(pixels, [mirrored.length, height, width, 3]);
}

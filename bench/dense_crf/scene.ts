import { type Raster, readSafetensors, Rng, type Scores } from "seamstress";

/** The usual size of PASCAL VOC's photographs. */
export const WIDTH = 500, HEIGHT = 375;

/** Numbers of labels: typical classes per image plus background, and all of PASCAL VOC. */
export const LABELS = [3, 21] as const;

/**
 * Tiles a small photograph with its mirror images: unlike an enlarged photograph, this keeps realistic detail.
 *
 * @param from column and row of the tiled photograph at which the image starts; different values give different images
 * @returns RGB uint8, `WIDTH` x `HEIGHT`
 */
export async function photograph(from = 0): Promise<Raster> {
  const photo = await goldenPhoto();
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const fold = (at: number, length: number) => {
    const within = at % (2 * length);
    return within < length ? within : 2 * length - 1 - within;
  };
  for (let y = 0, to = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, to += 3) {
      const row = fold(from + y, photo.height), column = fold(from + x, photo.width);
      const at = 3 * (row * photo.width + column);
      data.set(photo.data.subarray(at, at + 3), to);
    }
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, data };
}

async function goldenPhoto(): Promise<Raster> {
  const path = new URL("../../tests/fixtures/dense_crf_3.safetensors", import.meta.url).pathname;
  const { shape, data } = (await readSafetensors(path)).tensors.get("photo")!;
  if (!(data instanceof Uint8Array)) throw new TypeError(`${path} holds no photo`);
  return { height: shape[0]!, width: shape[1]!, channels: 3, data };
}

/**
 * Creates smooth scores: softmax of low-frequency waves, random per label.
 *
 * @param channels number of labels
 * @param seed of the waves
 * @returns probabilities, `WIDTH` x `HEIGHT`
 */
export function smoothScores(channels: number, seed = 1): Scores {
  const data = new Float32Array(channels * HEIGHT * WIDTH);
  const rng = Rng.of(seed, "waves");
  const waves = Array.from({ length: channels }, () => [rng.float(), rng.float(), rng.float()]);
  for (let pixel = 0; pixel < HEIGHT * WIDTH; pixel++) {
    const x = (pixel % WIDTH) / 20, y = Math.floor(pixel / WIDTH) / 20;
    const powers = waves.map(([a, b, c]) => Math.exp(2 * Math.sin(a! * x + b! * y + 6 * c!)));
    const sum = powers.reduce((total, power) => total + power);
    powers.forEach((power, c) => data[c * HEIGHT * WIDTH + pixel] = power / sum);
  }
  return { width: WIDTH, height: HEIGHT, channels, data };
}

/**
 * Several images with their scores.
 *
 * @param channels number of labels
 * @param count how many
 * @returns images of different parts of the tiled photograph, with different waves
 */
export async function scenes(
  channels: number,
  count: number,
): Promise<readonly { readonly image: Raster; readonly scores: Scores }[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => ({
    image: await photograph(23 * i),
    scores: smoothScores(channels, 1 + i),
  })));
}

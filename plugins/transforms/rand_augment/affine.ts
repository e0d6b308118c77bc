import type { Raster } from "seamstress";

/** Where an output place lies in the input: `x' = a x + b y + c`, `y' = d x + e y + f`, in pixels, (0, 0) the upper left corner. */
export type Affine = readonly [number, number, number, number, number, number];

/** Calls `visit` with each output pixel and the place in the input of its middle. */
function eachPlace(
  { width, height }: Raster,
  [a, b, c, d, e, f]: Affine,
  visit: (pixel: number, x: number, y: number) => void,
): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = column + 0.5, y = row + 0.5;
      visit(row * width + column, a * x + b * y + c, d * x + e * y + f);
    }
  }
}

const inside = ({ width, height }: Raster, x: number, y: number) =>
  x >= 0 && x < width && y >= 0 && y < height;

/** Cubic through four values, `part` of the way from the second to the third. */
function cubic(v1: number, v2: number, v3: number, v4: number, part: number): number {
  const p2 = -v1 + v3, p3 = 2 * (v1 - v2) + v3 - v4, p4 = -v1 + v2 - v3 + v4;
  return v2 + part * (p2 + part * (p3 + part * p4));
}

/**
 * Transforms an image as Pillow's `Image.transform(size, AFFINE, matrix, BICUBIC, fillcolor=fill)`: bicubic, pixels beyond the border
 * are those of the border, values cut to integers.
 *
 * @param raster uint8
 * @param matrix output to input
 * @param fill colour of what lies outside of the input, one value a channel
 * @returns of the same size
 */
export function affineBicubic(raster: Raster, matrix: Affine, fill: readonly number[]): Raster {
  const { width, height, channels } = raster, source = raster.data;
  const data = new Uint8Array(source.length);
  const clip = (i: number, end: number) => Math.min(Math.max(i, 0), end - 1);
  const columns = new Int32Array(4), across = new Float64Array(4);
  eachPlace(raster, matrix, (pixel, x, y) => {
    if (!inside(raster, x, y)) return data.set(fill, pixel * channels);
    const left = Math.floor(x - 0.5), top = Math.floor(y - 0.5);
    for (let i = 0; i < 4; i++) columns[i] = clip(left - 1 + i, width) * channels;
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < 4; i++) {
        const row = clip(top - 1 + i, height) * width * channels + channel;
        across[i] = cubic(
          source[row + columns[0]!]!,
          source[row + columns[1]!]!,
          source[row + columns[2]!]!,
          source[row + columns[3]!]!,
          x - 0.5 - left,
        );
      }
      const value = cubic(across[0]!, across[1]!, across[2]!, across[3]!, y - 0.5 - top);
      data[pixel * channels + channel] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
    }
  });
  return { ...raster, data };
}

/**
 * Transforms a mask or a map: each pixel is the one that its middle lies in.
 *
 * @param raster of any numbers
 * @param matrix output to input
 * @param fill what lies outside of the input
 * @returns of the same size
 */
export function affineNearest(raster: Raster, matrix: Affine, fill: number): Raster {
  const { width, channels } = raster, data = raster.data.slice().fill(fill);
  eachPlace(raster, matrix, (pixel, x, y) => {
    if (!inside(raster, x, y)) return;
    const from = (Math.floor(y) * width + Math.floor(x)) * channels;
    for (let channel = 0; channel < channels; channel++) {
      data[pixel * channels + channel] = raster.data[from + channel]!;
    }
  });
  return { ...raster, data };
}

/** Cosine or sine as Pillow has it in a matrix. */
const rounded = (x: number) => Number(x.toFixed(15));

/**
 * Rotates about the middle as Pillow's `Image.rotate` does.
 *
 * @param degrees counter-clockwise
 * @param size of the image, in pixels
 * @returns output to input
 */
export function rotation(
  degrees: number,
  { width, height }: Pick<Raster, "width" | "height">,
): Affine {
  const angle = -((degrees % 360 + 360) % 360) * (Math.PI / 180);
  const [a, b, d] = [Math.cos(angle), Math.sin(angle), -Math.sin(angle)].map(rounded) as [
    number,
    number,
    number,
  ];
  const x = width / 2, y = height / 2;
  return [a, b, a * -x + b * -y + x, d, a, d * -x + a * -y + y];
}

import { boxBlurRows } from "./box_blur.ts";

const f32 = Math.fround;

/** Box blurs that stand for a Gaussian. */
const PASSES = 3;

/**
 * Radius of the box whose blur, three times over, has the variance of a Gaussian (Gwosdek et al., "Theoretical Foundations of Gaussian
 * Convolution by Extended Box Filtering", 2011, equations 7, 11 and 14), rounded as Pillow does.
 */
function boxRadius(deviation: number): number {
  const variance = f32(f32(f32(deviation) * f32(deviation)) / PASSES);
  const length = f32(Math.sqrt(12 * variance + 1));
  const whole = f32(Math.floor((length - 1) / 2));
  const above = f32(f32(2 * whole + 1) * (f32(whole * f32(whole + 1)) - 3 * variance));
  return f32(whole + f32(above / f32(6 * f32(variance - f32(f32(whole + 1) * f32(whole + 1))))));
}

/** Rows become columns. */
function transposed(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + x), to = 3 * (x * height + y);
      for (let c = 0; c < 3; c++) out[to + c] = pixels[from + c]!;
    }
  }
  return out;
}

/**
 * Blurs an image as Pillow's `ImageFilter.GaussianBlur`: three box blurs along rows, then along columns, each rounded to bytes. Beyond
 * the border the image goes on as its last pixel.
 *
 * @param pixels RGB interleaved, uint8
 * @param size of the image
 * @param deviation the Gaussian's standard deviation in pixels, which Pillow calls radius; > 0
 * @returns as many pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gaussianBlur } from "./gaussian_blur.ts";
 * const grey = new Uint8Array([0, 0, 0, 100, 100, 100, 0, 0, 0]);
 * const [left, , , middle] = gaussianBlur(grey, { width: 3, height: 1 }, 0.5);
 * assertEquals([left, middle], [11, 79]);
 * ```
 */
export function gaussianBlur(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  deviation: number,
): Uint8Array {
  const radius = boxRadius(deviation);
  const along = (from: Uint8Array, length: number) => {
    let blurred = from;
    for (let pass = 0; pass < PASSES; pass++) blurred = boxBlurRows(blurred, length, radius);
    return blurred;
  };
  const columns = along(transposed(along(pixels, width), width, height), height);
  return transposed(columns, height, width);
}

const f32 = Math.fround;

/** Weights are whole numbers of this part. */
const ONE = 2 ** 24;

/**
 * Blurs every row by a box of any size, as Pillow's `BoxBlur.c` does: pixels within the radius count whole, the two beyond it by what is
 * left. Weights are fixed-point numbers.
 *
 * @param pixels RGB interleaved, uint8
 * @param width of a row
 * @param radius in pixels, >= 0, a float32 number
 * @returns as many pixels
 */
export function boxBlurRows(pixels: Uint8Array, width: number, radius: number): Uint8Array {
  const whole = Math.floor(radius), last = width - 1;
  const weight = Math.floor(f32(ONE / f32(f32(radius * 2) + 1)));
  const edge = Math.floor((ONE - (2 * whole + 1) * weight) / 2);
  const out = new Uint8Array(pixels.length);
  for (let row = 0; row < pixels.length; row += 3 * width) {
    for (let c = 0; c < 3; c++) {
      const at = (x: number) => pixels[row + 3 * Math.min(Math.max(x, 0), last) + c]!;
      let sum = 0;
      for (let x = -whole - 1; x < whole; x++) sum += at(x);
      for (let x = 0; x < width; x++) {
        sum += at(x + whole) - at(x - whole - 1);
        const outer = at(x - whole - 1) + at(x + whole + 1);
        out[row + 3 * x + c] = Math.floor((sum * weight + outer * edge + ONE / 2) / ONE);
      }
    }
  }
  return out;
}

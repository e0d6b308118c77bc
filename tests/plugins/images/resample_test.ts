import { assertEquals } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { bicubicCoefficients, PRECISION } from "../../../plugins/images/pillow_coefficients.ts";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";

/** Pillow's two passes over one line of pixels after the other, a number at a time. */
function byNumbers(
  data: Uint8Array,
  [width, height, channels]: readonly [number, number, number],
  [toWidth, toHeight]: readonly [number, number],
): Uint8Array {
  const pass = (
    source: Uint8Array,
    lengths: readonly [number, number],
    lines: number,
    placeOf: (position: number, line: number, length: number) => number,
  ) => {
    const [from, to] = lengths;
    const { taps, start, count, weights } = bicubicCoefficients(from, to);
    const out = new Uint8ClampedArray(lines * to);
    for (let line = 0; line < lines; line++) {
      for (let at = 0; at < to; at++) {
        let sum = 1 << (PRECISION - 1);
        for (let i = 0; i < count[at]!; i++) {
          sum += source[placeOf(start[at]! + i, line, from)]! * weights[at * taps + i]!;
        }
        out[placeOf(at, line, to)] = sum >> PRECISION;
      }
    }
    return new Uint8Array(out.buffer);
  };
  const across = width === toWidth ? data : pass(
    data,
    [width, toWidth],
    height * channels,
    (x, line, length) => (Math.floor(line / channels) * length + x) * channels + line % channels,
  );
  const stride = toWidth * channels;
  return height === toHeight
    ? across
    : pass(across, [height, toHeight], stride, (y, line) => y * stride + line);
}

/** Noise with runs of black and white, at whose edges the filter overshoots. */
function pixels(length: number): Uint8Array {
  const rng = Rng.of(3, "pixels", length);
  return Uint8Array.from({ length }, () => [0, 255, rng.integer(256)][rng.integer(3)]!);
}

const CASES = [
  [[1, 1, 3], [7, 5]],
  [[37, 23, 3], [41, 19]],
  [[23, 37, 3], [11, 61]],
  // More than fits the program's memory at a time, wider and higher.
  [[701, 503, 3], [500, 375]],
  [[311, 1207, 3], [517, 913]],
  // Hundreds of taps.
  [[2003, 3, 3], [5, 2]],
  [[2, 1999, 3], [2, 3]],
  [[53, 47, 1], [31, 61]],
  [[29, 31, 4], [40, 17]],
] as const;

Deno.test("resizeBicubic() is Pillow's definition, number by number, at any size", () => {
  for (const [from, to] of CASES) {
    const [width, height, channels] = from, data = pixels(width * height * channels);
    const found = resizeBicubic({ width, height, channels, data }, to[0], to[1]);
    assertEquals(found.data, byNumbers(data, from, to), `${from} to ${to}`);
  }
});

import type { ConvGeometry } from "../conv_geometry.ts";
import { addColumns, columnsInto } from "./columns.ts";
import { gemm } from "./gemm.ts";
import { floatsAt, type Wasm, withScratch } from "./heap.ts";
import { transposeInto } from "./transpose.ts";

/** Elements of a column matrix at once: 8 MiB, so that memory does not grow with the image. */
const MAX_COLUMNS = 2 ** 21;

/** Cuts the output rows of all samples into ranges of one sample whose columns fit {@linkcode MAX_COLUMNS}. */
function* rowRanges(
  geometry: ConvGeometry,
): Generator<{ sample: number; row: number; rows: number }> {
  const { output: [samples, oh, ow], taps: [kh, kw], input: [, , , channels] } = geometry;
  const most = Math.max(1, Math.floor(MAX_COLUMNS / (kh * kw * channels * ow)));
  for (let sample = 0; sample < samples; sample++) {
    for (let row = 0; row < oh; row += most) {
      yield { sample, row, rows: Math.min(most, oh - row) };
    }
  }
}

/**
 * Filter gradient of a convolution as matrix products: columns (taps and channels by pixels) times the output's gradient.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[kh,kw,C,D]`
 */
export function filterGradientOnHeap(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input: [, height, width, channels], output: [, oh, ow, filters] } = geometry;
  const taps = geometry.taps[0] * geometry.taps[1];
  if (isPointwise(geometry)) {
    const k = geometry.output[0] * oh * ow;
    gemm(wasm, { m: channels, k, n: filters, a: x, transposeA: true, b: dy, out });
    return;
  }
  const ranges = [...rowRanges(geometry)];
  const pixels = height * width, size = taps * channels * filters;
  const longest = Math.max(...ranges.map(({ rows }) => rows)) * ow;
  withScratch(
    wasm,
    [pixels * channels, taps * channels * longest],
    (planes, columns) => {
      floatsAt(wasm, out, size).fill(0);
      let turned = -1;
      for (const { sample, row, rows } of ranges) {
        if (turned !== sample) {
          const image = floatsAt(wasm, x + sample * pixels * channels * 4, pixels * channels);
          transposeInto(image, pixels, channels, floatsAt(wasm, planes, image.length));
          turned = sample;
        }
        const length = rows * ow;
        columnsInto(
          floatsAt(wasm, planes, pixels * channels),
          geometry,
          row,
          rows,
          floatsAt(wasm, columns, taps * channels * length),
        );
        const from = dy + (sample * oh + row) * ow * filters * 4;
        gemm(wasm, {
          m: taps * channels,
          k: length,
          n: filters,
          a: columns,
          b: from,
          out,
          accumulate: true,
        });
      }
    },
  );
}

/**
 * Input gradient of a convolution as matrix products: the output's gradient times the filter gives each tap's share, which is added
 * up where the taps overlap. For strides above 1, where a convolution would multiply by zeros three times out of four.
 *
 * @param wasm the backend
 * @param dy byte offset of `[N,h,w,D]`
 * @param filter byte offset of `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,H,W,C]`
 */
export function inputGradientOnHeap(
  wasm: Wasm,
  dy: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input: [samples, height, width, channels], output: [, oh, ow, filters] } = geometry;
  const wide = geometry.taps[0] * geometry.taps[1] * channels;
  const ranges = [...rowRanges(geometry)];
  const size = height * width * channels;
  const longest = Math.max(...ranges.map(({ rows }) => rows)) * ow;
  if (isPointwise(geometry)) {
    const m = samples * oh * ow;
    gemm(wasm, { m, k: filters, n: channels, a: dy, b: filter, transposeB: true, out });
    return;
  }
  withScratch(wasm, [wide * longest], (columns) => {
    floatsAt(wasm, out, samples * size).fill(0);
    for (const { sample, row, rows } of ranges) {
      gemm(wasm, {
        m: rows * ow,
        k: filters,
        n: wide,
        a: dy + (sample * oh + row) * ow * filters * 4,
        b: filter,
        transposeB: true,
        out: columns,
      });
      addColumns(
        floatsAt(wasm, columns, rows * ow * wide),
        geometry,
        row,
        rows,
        floatsAt(wasm, out + sample * size * 4, size),
      );
    }
  });
}

/**
 * Says whether a convolution is a plain matrix product.
 *
 * @param geometry of the convolution
 * @returns whether it has one tap, which meets every pixel once
 */
export function isPointwise({ taps, stride, pad }: ConvGeometry): boolean {
  return [...taps, ...stride].every((size) => size === 1) && pad.flat().every((size) => size === 0);
}

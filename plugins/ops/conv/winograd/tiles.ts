import { FLOAT } from "../../wasm/code_builders.ts";
import { columnsInside } from "../../wasm/columns_inside.ts";
import type { RowsProgram } from "../../wasm/rows_program.ts";
import type { ConvGeometry } from "../geometry.ts";
import { OVERLAP } from "./program.ts";

/**
 * Rows of tiles of one sample, and where the convolution is dilated of one of the interleaved images that it convolves apart: output
 * pixels of these rows and columns modulo the dilation.
 */
export interface TileRows {
  /** Rows and columns of output pixels of a tile. */
  readonly output: number;
  readonly sample: number;
  /** First output row and column of the interleaved image. */
  readonly first: readonly [number, number];
  /** Rows and columns of the interleaved output. */
  readonly size: readonly [number, number];
  /** First row of tiles. */
  readonly row: number;
  readonly rows: number;
  /** Tiles per row. */
  readonly columns: number;
}

/**
 * Tiles of one sample; the last of a row or column may be partly empty.
 *
 * @param geometry of the convolution
 * @param output rows and columns of output pixels of a tile
 * @returns how many
 */
export function tilesPerSample(geometry: ConvGeometry, output: number): number {
  return interleaved(geometry, output).reduce(
    (sum, { tiles: [down, across] }) => sum + down * across,
    0,
  );
}

/**
 * Splits a convolution into parts of at most some tiles, but at least one row of tiles.
 *
 * @param geometry of the convolution
 * @param output rows and columns of output pixels of a tile
 * @param most tiles per part
 * @returns parts, each a list of rows of tiles
 */
export function tileParts(geometry: ConvGeometry, output: number, most: number): TileRows[][] {
  const parts: TileRows[][] = [];
  let free = 0;
  for (let sample = 0; sample < geometry.output[0]; sample++) {
    for (const { first, size, tiles: [down, columns] } of interleaved(geometry, output)) {
      for (let row = 0; row < down;) {
        if (free < columns) {
          parts.push([]);
          free = Math.max(most, columns);
        }
        const rows = Math.min(Math.floor(free / columns), down - row);
        parts.at(-1)!.push({ output, sample, first, size, row, rows, columns });
        free -= rows * columns;
        row += rows;
      }
    }
  }
  return parts;
}

/** The images that a dilated convolution convolves apart, in order. */
function interleaved(
  { output: [, height, width], dilation: [down, across] }: ConvGeometry,
  pixels: number,
) {
  const rest = (length: number, first: number, step: number) => Math.ceil((length - first) / step);
  return Array.from({ length: down * across }, (_, i) => {
    const first = [Math.floor(i / across), i % across] as const;
    const size = [rest(height, first[0], down), rest(width, first[1], across)] as const;
    const tiles = size.map((length) => Math.ceil(length / pixels)) as [number, number];
    return { first, size, tiles };
  }).filter(({ tiles: [rows, columns] }) => rows * columns > 0);
}

/** Rows and columns of an image of tiles. */
export type PlaneSize = readonly [number, number];

/**
 * @param rows of tiles
 * @returns rows and columns of input pixels that they read
 */
export function inputPlane({ output, rows, columns }: TileRows): PlaneSize {
  return [output * rows + OVERLAP, output * columns + OVERLAP];
}

/**
 * @param rows of tiles
 * @returns rows and columns of output pixels
 */
export function outputPlane({ output, rows, columns }: TileRows): PlaneSize {
  return [output * rows, output * columns];
}

/**
 * Copies the input pixels under rows of tiles, zeros outside of the image.
 *
 * @param program on the heap
 * @param x byte offset of `[N,H,W,C]`
 * @param geometry of the convolution
 * @param rows of tiles
 * @param plane byte offset of `[…inputPlane(rows)][C]`
 */
export function copyInput(
  program: RowsProgram,
  x: number,
  { input, pad: [[top], [left]], dilation: [down, across] }: ConvGeometry,
  rows: TileRows,
  plane: number,
): void {
  const { sample, first: [y, x0], row } = rows;
  const origin = [y - top + down * rows.output * row, x0 - left] as const;
  copyPlane(program, x, input, sample, origin, [down, across], inputPlane(rows), plane);
}

/**
 * Copies the output's gradient of rows of tiles, zeros where a tile is not full.
 *
 * @param program on the heap
 * @param dy byte offset of `[N,h,w,D]`
 * @param geometry of the convolution
 * @param rows of tiles
 * @param plane byte offset of `[…outputPlane(rows)][D]`
 */
export function copySlopes(
  program: RowsProgram,
  dy: number,
  { output, dilation: [down, across] }: ConvGeometry,
  rows: TileRows,
  plane: number,
): void {
  const { sample, first: [y, x], row } = rows;
  const origin = [y + down * rows.output * row, x] as const;
  copyPlane(program, dy, output, sample, origin, [down, across], outputPlane(rows), plane);
}

/** Every `step`th pixel of an image from `origin`, which may lie outside. */
function copyPlane(
  program: RowsProgram,
  image: number,
  [, height, width, channels]: ConvGeometry["input"],
  sample: number,
  [top, left]: readonly [number, number],
  [down, across]: readonly [number, number],
  [rows, columns]: PlaneSize,
  plane: number,
): void {
  const pixel = channels * FLOAT;
  const [low, high] = columnsInside(left, left, 0, across, width, columns);
  for (let row = 0; row < rows; row++) {
    const y = top + down * row, to = plane + row * columns * pixel;
    if (y < 0 || y >= height) {
      program.clearRows(to, 0, columns * channels, 1);
      continue;
    }
    if (low > 0) program.clearRows(to, 0, low * channels, 1);
    const from = image + ((sample * height + y) * width + left + across * low) * pixel;
    if (across === 1) program.copyRows(from, 0, to + low * pixel, 0, (high - low) * channels, 1);
    else program.copyRows(from, across * pixel, to + low * pixel, pixel, channels, high - low);
    if (high < columns) program.clearRows(to + high * pixel, 0, (columns - high) * channels, 1);
  }
}

/**
 * Copies output pixels of rows of tiles to where they belong.
 *
 * @param program on the heap
 * @param plane byte offset of `[…outputPlane(rows)][D]`
 * @param geometry of the convolution
 * @param rows of tiles
 * @param out byte offset of `[N,h,w,D]`
 */
export function copyOutput(
  program: RowsProgram,
  plane: number,
  { output: [, height, width, filters], dilation: [down, across] }: ConvGeometry,
  rows: TileRows,
  out: number,
): void {
  const { sample, first: [y, x], size: [most, columns], row } = rows;
  const pixel = filters * FLOAT, [count, wide] = outputPlane(rows);
  for (let r = 0; r < count && rows.output * row + r < most; r++) {
    const from = plane + r * wide * pixel;
    const to = out + ((sample * height + y + down * (rows.output * row + r)) * width + x) * pixel;
    if (across === 1) program.copyRows(from, 0, to, 0, columns * filters, 1);
    else program.copyRows(from, pixel, to, across * pixel, filters, columns);
  }
}

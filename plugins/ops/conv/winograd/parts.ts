import { FLOAT } from "../../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import type { ConvGeometry } from "../geometry.ts";
import { oddLines } from "../../wasm/odd_lines.ts";
import type { Tiling, Transform } from "./program.ts";
import { inputPlane, outputPlane, type PlaneSize, tileParts, type TileRows } from "./tiles.ts";

/** Elements of both transformed images that are multiplied at a time: 2 MiB, which with the filter stay in a cache. */
const AT_ONCE = 2 ** 19;
/** Fewest tiles at a time: the transformed filter, which may be larger than a cache, is read once for all of them. */
const LEAST_AT_ONCE = 64;

/** Transformed images of some tiles: a matrix `[tiles][channels]` for each of a tile's elements. */
export interface Matrices {
  readonly channels: number;
  /** Byte offset of the first. */
  readonly at: number;
  /** Bytes from matrix to matrix. */
  readonly step: number;
}

/** Scratch memory. */
export interface Scratch {
  /** Byte offset of the pixels of the image under some rows of tiles. */
  readonly image: number;
  readonly inputs: Matrices;
  readonly outputs: Matrices;
}

/**
 * Visits parts of the tiles, with memory for the largest.
 *
 * @param wasm the backend
 * @param geometry of the convolution
 * @param tiling how its images are cut
 * @param visit gets the number of tiles, the memory and the rows of tiles
 */
export function eachPart(
  wasm: Wasm,
  geometry: ConvGeometry,
  { output, elements }: Tiling,
  visit: (tiles: number, scratch: Scratch, part: readonly TileRows[]) => void,
): void {
  const k = geometry.input[3], n = geometry.output[3];
  const atOnce = Math.max(LEAST_AT_ONCE, Math.floor(AT_ONCE / (elements * (k + n))));
  const parts = tileParts(geometry, output, atOnce);
  const tilesOf = (part: readonly TileRows[]) =>
    part.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const tiles = Math.max(...parts.map(tilesOf));
  const pixels = ([height, width]: PlaneSize) => height * width;
  const most = Math.max(
    ...parts.flat().map((row) =>
      Math.max(k * pixels(inputPlane(row)), n * pixels(outputPlane(row)))
    ),
  );
  const stepOf = (tiles: number, channels: number) => oddLines(tiles * channels * FLOAT);
  const lengths = [most, ...[k, n].map((channels) => elements * stepOf(tiles, channels) / FLOAT)];
  withScratch(wasm, lengths, (...[image, inputs, outputs]) => {
    for (const part of parts) {
      const tiles = tilesOf(part);
      const matrices = (at: number, channels: number): Matrices => ({
        channels,
        at,
        step: stepOf(tiles, channels),
      });
      const scratch = {
        image: image!,
        inputs: matrices(inputs!, k),
        outputs: matrices(outputs!, n),
      };
      visit(tiles, scratch, part);
    }
  });
}

/**
 * Visits rows of tiles with the byte offset of their first tile in the first matrix.
 *
 * @param part of the tiles
 * @param matrices of that part
 * @param visit gets rows of tiles and that offset
 */
export function eachRows(
  part: readonly TileRows[],
  { channels, at }: Matrices,
  visit: (rows: TileRows, at: number) => void,
): void {
  let first = at;
  for (const rows of part) {
    visit(rows, first);
    first += rows.rows * rows.columns * channels * FLOAT;
  }
}

/**
 * Transforms tiles, one row of them after the other.
 *
 * @param transform one of `WinogradProgram`
 * @param rows of tiles
 * @param plane size of the image under them
 * @param image its byte offset
 * @param matrices of the part that the rows belong to
 * @param at byte offset of their first tile in the first matrix
 */
export function transformRows(
  transform: Transform,
  { output, rows, columns: tiles }: TileRows,
  [, columns]: PlaneSize,
  image: number,
  { channels, step }: Matrices,
  at: number,
): void {
  const pixel = channels * FLOAT, row = columns * pixel;
  for (let r = 0; r < rows; r++) {
    const [from, first] = [image + r * output * row, at + r * tiles * pixel];
    transform(from, row, pixel, output * pixel, first, step, channels, tiles);
  }
}

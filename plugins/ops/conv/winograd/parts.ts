import { FLOAT } from "../../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import type { ConvGeometry } from "../geometry.ts";
import { LEAST_TILES } from "./pays.ts";
import { ELEMENTS, OUTPUT } from "./program.ts";
import { inputPlane, outputPlane, type PlaneSize, tileParts, type TileRows } from "./tiles.ts";

/** Elements of both transformed images that are multiplied at a time: 2 MiB, which with the filter stay in a cache. */
const AT_ONCE = 2 ** 19;
/** Byte offsets of scratch memory. */
export interface Scratch {
  /** Pixels of the image under some rows of tiles. */
  readonly images: number;
  /** `[ELEMENTS][tiles][C]` and `[ELEMENTS][tiles][D]`. */
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * Visits parts of the tiles, with memory for the largest.
 *
 * @param wasm the backend
 * @param geometry of the convolution
 * @param visit gets the number of tiles, the memory and the rows of tiles
 */
export function eachPart(
  wasm: Wasm,
  geometry: ConvGeometry,
  visit: (tiles: number, scratch: Scratch, part: readonly TileRows[]) => void,
): void {
  const k = geometry.input[3], n = geometry.output[3];
  const most = Math.max(LEAST_TILES, Math.floor(AT_ONCE / (ELEMENTS * (k + n))));
  const parts = tileParts(geometry, most);
  const tilesOf = (part: readonly TileRows[]) =>
    part.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const tiles = Math.max(...parts.map(tilesOf));
  const pixels = ([height, width]: PlaneSize) => height * width;
  const images = Math.max(
    ...parts.flat().map((row) =>
      Math.max(k * pixels(inputPlane(row)), n * pixels(outputPlane(row)))
    ),
  );
  const lengths = [images, ELEMENTS * tiles * k, ELEMENTS * tiles * n];
  withScratch(wasm, lengths, (...[images, inputs, outputs]) => {
    for (const part of parts) {
      visit(tilesOf(part), { images: images!, inputs: inputs!, outputs: outputs! }, part);
    }
  });
}

/**
 * Visits rows of tiles with the byte offset of their first tile in the first matrix.
 *
 * @param part of the tiles
 * @param channels of the image
 * @param matrices byte offset of the first matrix
 * @param visit gets rows of tiles, that offset and the size of the image under them
 * @param plane gives that size
 */
export function eachRows(
  part: readonly TileRows[],
  channels: number,
  matrices: number,
  visit: (rows: TileRows, at: number, plane: PlaneSize) => void,
  plane: (rows: TileRows) => PlaneSize,
): void {
  let at = matrices;
  for (const rows of part) {
    visit(rows, at, plane(rows));
    at += rows.rows * rows.columns * channels * FLOAT;
  }
}

/** Image's address, and bytes between its rows, its pixels and its tiles. */
type ImageTiles = readonly [image: number, rowStep: number, pixelStep: number, tileStep: number];

/**
 * Visits rows of tiles one by one.
 *
 * @param rows of tiles
 * @param columns pixels per row of the image
 * @param channels of the image
 * @param image byte offset of the image
 * @param matrices byte offset of the first tile in the first matrix
 * @param visit gets where the row's image and its tiles in the first matrix begin
 */
export function eachTileRow(
  { rows, columns: tiles }: TileRows,
  columns: number,
  channels: number,
  image: number,
  matrices: number,
  visit: (image: ImageTiles, matrices: number) => void,
): void {
  const pixel = channels * FLOAT, row = columns * pixel;
  for (let r = 0; r < rows; r++) {
    visit(
      [image + r * OUTPUT * row, row, pixel, OUTPUT * pixel],
      matrices + r * tiles * pixel,
    );
  }
}

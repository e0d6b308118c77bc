import {
  chooseTile as choose,
  type ProductSize,
  type Tile,
} from "../../plugins/ops/webgpu/tiles.ts";

export * from "../../plugins/ops/webgpu/tiles.ts";

let forced: Tile | undefined;

/**
 * Makes every matrix product use one tile; stands in for the module that it wraps only where an import map says so.
 *
 * @param tile whatever the shape; undefined for the one that is chosen otherwise
 */
export function forceTile(tile: Tile | undefined): void {
  forced = tile;
}

/**
 * @param problem the product
 * @returns the tile that is forced, or else the one that is chosen otherwise
 */
export function chooseTile(problem: ProductSize): Tile {
  return forced ?? choose(problem);
}

import type { ConvGeometry } from "../geometry.ts";
import { TILES_OF_FOUR, TILES_OF_TWO, type Tiling } from "./program.ts";
import { tilesPerSample } from "./tiles.ts";

/** Fewest channels, and most weights of one tap: the transformed filter takes 16 or 36 times their bytes. */
const LEAST_CHANNELS = 16, MOST_WEIGHTS = 2 ** 18;
/** Fewest tiles of 2 x 2 pixels of a sample for which transforming the filter pays off. */
const LEAST_TILES = 48;
/** Tiles whose products take as long as transforming a filter. */
const FILTER_IN_TILES = 24;

/**
 * Chooses the tiles by which `convolveByWinograd()` takes least time, as bench/wasm_kernels.bench.ts measures it. They depend on the sample
 * alone, so that a batch gets the same bits.
 *
 * @param geometry of the convolution
 * @returns its tiles; undefined where another way is faster, and wherever taps are not 3 x 3 or the stride is not 1
 */
export function winogradTiling(geometry: ConvGeometry): Tiling | undefined {
  const { taps, stride, input: [, , , channels], output: [, height, width, filters] } = geometry;
  if (taps.some((size) => size !== 3) || stride.some((step) => step !== 1)) return undefined;
  if (Math.min(channels, filters) < LEAST_CHANNELS || channels * filters > MOST_WEIGHTS) {
    return undefined;
  }
  const tilesOf = ({ output }: Tiling) => tilesPerSample(geometry, output);
  const cost = (tiling: Tiling) => tiling.elements * (tilesOf(tiling) + FILTER_IN_TILES);
  if (tilesOf(TILES_OF_TWO) < LEAST_TILES) return undefined;
  const best = cost(TILES_OF_FOUR) < cost(TILES_OF_TWO) ? TILES_OF_FOUR : TILES_OF_TWO;
  // Tiles that are partly empty are multiplied, too.
  const multiplied = best.elements * tilesOf(best), plain = 9 * height * width;
  return 3 * plain >= 4 * multiplied ? best : undefined;
}

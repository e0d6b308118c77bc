import type { ConvGeometry } from "../geometry.ts";
import { OUTPUT } from "./program.ts";
import { tilesPerSample } from "./tiles.ts";

/** Fewest channels, and most weights of one tap: the transformed filter takes 32 times their bytes. */
const LEAST_CHANNELS = 16, MOST_WEIGHTS = 2 ** 18;
/** Fewest tiles of a sample for which transforming the filter pays off; depends on the sample alone, so that a batch gets the same bits. */
export const LEAST_TILES = 48;

/**
 * Whether a convolution takes less time by `convolveByWinograd()`, as bench/wasm_kernels.bench.ts measures it.
 *
 * @param geometry of the convolution
 * @returns whether it does; only for 3 x 3 taps at stride 1
 */
export function winogradPays(geometry: ConvGeometry): boolean {
  const { taps, stride, input: [, , , channels], output: [, height, width, filters] } = geometry;
  if (taps.some((size) => size !== 3) || stride.some((step) => step !== 1)) return false;
  if (Math.min(channels, filters) < LEAST_CHANNELS || channels * filters > MOST_WEIGHTS) {
    return false;
  }
  const tiles = tilesPerSample(geometry);
  // Tiles that are half empty are multiplied, too.
  return tiles >= LEAST_TILES && 3 * height * width >= 2 * OUTPUT ** 2 * tiles;
}

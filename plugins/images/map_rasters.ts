import type { Raster, Sample } from "../../core/data/sample.ts";

/**
 * Changes what belongs to the pixels of a sample's image, but not the image: the mask and the extra maps.
 *
 * @param sample any
 * @param mask changes the mask
 * @param map changes a map; as the mask where left out
 * @returns the sample with both changed
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mapRasters } from "seamstress";
 * const raster = (value: number) => ({ width: 1, height: 1, channels: 1, data: Uint8Array.of(value) });
 * const sample = { name: "a", image: raster(0), label: Float32Array.of(1), maps: { edges: raster(1) } };
 * assertEquals(mapRasters(sample, () => raster(2)).maps, { edges: raster(2) });
 * ```
 */
export function mapRasters(
  sample: Sample,
  mask: (raster: Raster) => Raster,
  map: (raster: Raster) => Raster = mask,
): Sample {
  return {
    ...sample,
    ...sample.mask && { mask: mask(sample.mask) },
    ...sample.maps && {
      maps: Object.fromEntries(
        Object.entries(sample.maps).map(([name, raster]) => [name, map(raster)]),
      ),
    },
  };
}

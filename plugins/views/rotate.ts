import * as z from "zod";
import { definePlugin, type View } from "seamstress";
import { applySparseMap, type SparseMap, sparseMap } from "./sparse_map.ts";

/**
 * Bilinear sampling along a grid turned about the image's centre; zero outside.
 *
 * @param height in pixels
 * @param width in pixels
 * @param radians anticlockwise as seen, y pointing down
 * @returns the map from H·W pixels to H·W pixels
 */
export function rotation(height: number, width: number, radians: number): SparseMap {
  const pixels = height * width;
  const sources = Array.from({ length: 4 }, () => new Int32Array(pixels));
  const weights = Array.from({ length: 4 }, () => new Float32Array(pixels));
  const cos = Math.cos(radians), sin = Math.sin(radians);
  const middleY = (height - 1) / 2, middleX = (width - 1) / 2;
  for (let i = 0; i < pixels; i++) {
    const x = i % width - middleX, y = Math.floor(i / width) - middleY;
    const sourceX = cos * x - sin * y + middleX, sourceY = sin * x + cos * y + middleY;
    const left = Math.floor(sourceX), top = Math.floor(sourceY);
    for (let k = 0; k < 4; k++) {
      const column = left + k % 2, row = top + (k >> 1);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      sources[k]![i] = row * width + column;
      weights[k]![i] = (1 - Math.abs(sourceX - column)) * (1 - Math.abs(sourceY - row));
    }
  }
  return sparseMap({ sources, weights });
}

/** Rotates a batch about its centre by an angle drawn per step; bilinear, zero outside the image. */
export const rotateView = definePlugin({
  kind: "view",
  name: "rotate",
  summary: "turns about the centre by a random angle, bilinear",
  options: z.strictObject({
    degrees: z.number().min(0).max(180).default(20).describe(
      "the angle is uniform in minus to plus this many degrees",
    ),
  }),
  create({ degrees }): View {
    return {
      draw(rng) {
        const radians = rng.uniform(-degrees, degrees) * Math.PI / 180;
        const maps = new Map<string, SparseMap>();
        return {
          apply(x) {
            const [height, width] = [x.shape[1], x.shape[2]];
            const key = `${height}x${width}`;
            const map = maps.get(key) ?? rotation(height, width, radians);
            maps.set(key, map);
            return applySparseMap(map, x);
          },
        };
      },
    };
  },
});

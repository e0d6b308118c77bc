const EPSILON = Math.fround(1e-5);

/**
 * Normalises a map to 0..1 as the SEAM authors' `infer_SEAM.py` does: values below 0 are 0 already; x < min + 1e-5 becomes 0;
 * then (x − min − 1e-5) / (max − min + 1e-5), in float32. Where the whole map is active (min > 0), pixels at the minimum end
 * below 0, as they do there; a threshold alpha >= 0 takes them as background all the same.
 *
 * @param map `[height*width]`, >= 0; overwritten
 * @returns the same array
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalizeMinMax } from "./normalize_map.ts";
 * const [low, middle, high] = normalizeMinMax(Float32Array.of(0, 2, 4));
 * assertAlmostEquals(low ?? 1, 0, 1e-5);
 * assertAlmostEquals(middle ?? 0, 0.5, 1e-5);
 * assertAlmostEquals(high ?? 0, 1, 1e-5);
 * ```
 */
export function normalizeMinMax(map: Float32Array): Float32Array {
  let min = Infinity, max = -Infinity;
  for (const value of map) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const floor = Math.fround(min + EPSILON);
  const range = Math.fround(Math.fround(max - min) + EPSILON);
  for (let i = 0; i < map.length; i++) {
    const value = map[i]! < floor ? 0 : map[i]!;
    map[i] = Math.fround(Math.fround(value - min) - EPSILON) / range;
  }
  return map;
}

/** How a map is brought to 0..1. */
export const NORMALIZATIONS = ["min-max", "max"] as const;
/** One of {@linkcode NORMALIZATIONS}. */
export type MapNormalization = (typeof NORMALIZATIONS)[number];

/**
 * Divides a map by its maximum plus 1e-5, as the IRN authors' `make_cam.py` does, in float32.
 *
 * @param map `[height*width]`, >= 0; overwritten
 * @returns the same array
 */
function normalizeMax(map: Float32Array): Float32Array {
  const most = Math.fround(map.reduce((max, value) => Math.max(max, value), 0) + EPSILON);
  for (let i = 0; i < map.length; i++) map[i] = map[i]! / most;
  return map;
}

/**
 * Brings a map to 0..1.
 *
 * @param map `[height*width]`, >= 0; overwritten
 * @param normalization by {@linkcode normalizeMinMax}, or divided by its maximum plus 1e-5
 * @returns the same array
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalizeMap } from "seamstress/wsss";
 * const [low, high] = normalizeMap(Float32Array.of(1, 4), "max");
 * assertAlmostEquals(low!, 0.25, 1e-5);
 * assertAlmostEquals(high!, 1, 1e-5);
 * ```
 */
export function normalizeMap(map: Float32Array, normalization: MapNormalization): Float32Array {
  return normalization === "max" ? normalizeMax(map) : normalizeMinMax(map);
}

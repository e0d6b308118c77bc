/** Where a map's channels stand. Other tensors are as they are, `last`. */
export type Layout = "first" | "last";

/** Axis of channels-last tensors → the same of channels-first ones. */
const FIRST = [0, 2, 3, 1];

/**
 * @param shape `[N,H,W,C]`
 * @returns `[N,C,H,W]`
 */
export function channelsFirst([n, h, w, c]: readonly number[]): number[] {
  return [n!, c!, h!, w!];
}

/**
 * @param axis of a channels-last map
 * @returns the same of a channels-first one
 */
export function firstAxis(axis: number): number {
  return FIRST[axis]!;
}

import type { Alignment } from "./alignment.ts";

/** Attributes of an interpolation of both axes of an image. */
export interface InterpolateImageAttributes {
  /** Height and width before interpolation. */
  readonly from: readonly [number, number];
  /** Height and width after interpolation. */
  readonly to: readonly [number, number];
  readonly alignment: Alignment;
  /** `forward`: from → to; `backward`: the gradient, to → from. */
  readonly direction: "forward" | "backward";
}

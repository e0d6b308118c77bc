import type { ConvGeometry } from "./geometry.ts";

/** Attributes of the ops that differentiate convolutions. */
export interface ConvGradientAttributes {
  /** Geometry of the forward convolution. */
  readonly geometry: ConvGeometry;
  /** Whether the gradient of an input is stored in float16, as the input is. */
  readonly half?: boolean;
}

/** Which input coordinate an output pixel reads. */
export type Alignment =
  /** Corner pixels map onto each other: `align_corners=True`. */
  | "corners"
  /** Pixel areas map onto each other: PyTorch's `align_corners=False`, TensorFlow's `half_pixel_centers`. */
  | "half-pixel"
  /** Top-left pixel corners map onto each other: TensorFlow's default. */
  | "legacy";

/** Pixels, row by row, channels interleaved: `data[(y * width + x) * channels + c]`. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** uint8 0..255 as decoded; float32 after normalisation. */
  readonly data: Uint8Array | Float32Array;
}

/** One training or evaluation example on the CPU. */
export interface Sample {
  readonly name: string;
  readonly image: Raster;
  /** Foreground classes of the image, `[C]` in {0,1}. */
  readonly label: Float32Array;
  /** One channel uint8 of the image's size: 0 background, 255 ignored. */
  readonly mask?: Raster;
}

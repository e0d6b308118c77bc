/** Pixels, row by row, channels interleaved: `data[(y * width + x) * channels + c]`. */
export interface Raster {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 3 of an image, red first; 1 of a mask. */
  readonly channels: number;
  /** uint8 0..255 as decoded; float32 after normalisation. */
  readonly data: Uint8Array | Float32Array;
}

/** One training or evaluation example on the CPU. */
export interface Sample {
  /** Unique in its data set, such as `2007_000032`. */
  readonly name: string;
  /** RGB. */
  readonly image: Raster;
  /** Foreground classes of the image, `[C]` in {0,1}. */
  readonly label: Float32Array;
  /** One channel uint8 of the image's size: 0 background, 255 ignored. */
  readonly mask?: Raster;
  /** Extra maps of the image's size by name, float32 with any number of channels. */
  readonly maps?: Readonly<Record<string, Raster>>;
}

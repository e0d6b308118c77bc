import type { Raster, Sample } from "../data/sample.ts";

/** What a data set is created with. */
export interface DatasetArgs {
  /** Which images, as the data set names them. */
  readonly split: string;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Images alone are wanted, as of a test split: they may lack labels, which then are zeros. */
  readonly unlabelled?: boolean;
}

/** Contract of kind `dataset`: one split, opened. */
export interface Dataset {
  /** Foreground class names; class index c of a mask is `classes[c - 1]`, 0 is background. */
  readonly classes: readonly string[];
  /** Names of extra maps that samples have, such as a saliency map's. */
  readonly maps?: readonly string[];
  /** Number of samples. */
  readonly length: number;
  /** The sample's name, such as `2007_000032`. */
  name(index: number): string;
  /** Image labels, `[C]` in {0,1}. Throws where the sample has none. */
  label(index: number): Float32Array;
  /**
   * Reads one sample: RGB uint8 pixels, and the mask where `mask`, the maps where `maps` is asked for. Throws naming the file where one is missing,
   * broken, or where the mask is of another size than the image.
   */
  read(index: number, want: { readonly mask: boolean; readonly maps?: boolean }): Promise<Sample>;
  /** Reads only the mask, where that is cheaper than `read`, for evaluation. Throws as `read` does. */
  readMask?(index: number): Promise<Raster>;
  /**
   * Reads a mask that lies elsewhere, such as a prediction in a file, as the data set reads its own: `[H,W]` uint8 numbers of
   * `classes`. Throws naming the file where it cannot be one.
   */
  readMaskFile?(path: string): Promise<Raster>;
  /**
   * Fails before work starts: every listed file exists, every sample has a label. Where masks are wanted, also where they show no
   * class, or something that is none, which training or scoring would not notice. Images are not decoded.
   */
  check(want: { readonly mask: boolean; readonly maps?: boolean }): Promise<void>;
  /**
   * What a user should know of the split before it is trained on or scored, though it can be: such as which of two readings of the
   * masks' numbers was taken.
   */
  remarks?(want: { readonly mask: boolean }): Promise<readonly string[]>;
  /** Hash of what the split holds (names, labels, file sizes), hex; a finished stage is redone when it changes. */
  fingerprint(): Promise<string>;
}

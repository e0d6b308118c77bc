/** Consecutive rows of a batch. */
export interface Rows {
  /** First. */
  readonly from: number;
  /** After the last. */
  readonly to: number;
}

/** Samples of one optimizer step, on the CPU, ready for the backend. */
export interface Batch {
  /** Place of each sample in the data set. */
  readonly indices: readonly number[];
  /** Names of the images, in order. */
  readonly names: readonly string[];
  /** Which of them are here, where other ranks have the rest: `image`, `label` and `mask` hold these N rows alone. */
  readonly rows?: Rows;
  /** Of `image`: `[N,H,W,3]`. */
  readonly shape: readonly [number, number, number, 3];
  /** `[N,H,W,3]`, normalised. */
  readonly image: Float32Array;
  /** Number of foreground classes C. */
  readonly classes: number;
  /** `[N,C]` in {0,1}. */
  readonly label: Float32Array;
  /** `[N,H,W]`: 0 background, 255 ignored; where masks were asked for. */
  readonly mask?: Uint8Array;
  /** Extra maps by name: `[N,H,W,channels]`. */
  readonly maps?: Readonly<Record<string, BatchMap>>;
}

/** An extra map of each image of a batch. */
export interface BatchMap {
  /** Numbers a pixel. */
  readonly channels: number;
  /** `[N,H,W,channels]`. */
  readonly data: Float32Array;
}

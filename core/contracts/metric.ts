/** The prediction and the ground truth of one sample. */
export interface Prediction {
  /** The image's. */
  readonly name: string;
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Normalised CAMs of the labelled classes, 0..1, each `[height*width]`, by foreground class index from 0. */
  readonly cams?: ReadonlyMap<number, Float32Array>;
  /** Predicted class of every pixel, 0 background. */
  readonly mask?: Uint8Array;
  /** Image-level scores, `[C]`, any monotone scale. */
  readonly scores?: Float32Array;
  /** Image labels `[C]` in {0,1}; class of every pixel, 255 without truth, where a metric reads it. */
  readonly truth: { readonly label: Float32Array; readonly mask?: Uint8Array };
}

/** The threshold of a score, and how it was chosen. */
export interface Threshold {
  /** The threshold itself. */
  readonly value: number;
  /** Stated beforehand; best on other images; or best on the very images that are scored. */
  readonly how: "fixed" | "chosen" | "oracle";
  /** The evaluation that chose it, where it was chosen elsewhere. */
  readonly on?: {
    readonly stage: string;
    readonly split: string;
    readonly images: number;
    /** How many of the images that are scored now are among these. */
    readonly shared: number;
  };
}

/** A table as evaluation prints it; percent where the column says %. */
export interface Table {
  /** What was scored, on which images. */
  readonly title: string;
  /** Headings. */
  readonly columns: readonly string[];
  /** A cell a column. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** Headline numbers by name, such as `miou` in percent; a fraction where the name says so. */
  readonly summary: Readonly<Record<string, number>>;
  /** How the headline was chosen, such as "alpha 0.26, oracle: best on this split". */
  readonly note: string;
  /** Rows of classes that the truth never shows: their number is 0 whatever was predicted. */
  readonly absent?: readonly string[];
  /** Of the headline, where it has one. */
  readonly threshold?: Threshold;
  /** Named series, such as mIoU by alpha. */
  readonly curves?: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** Accumulates one evaluation, image by image. */
export interface Score {
  /** Counts one image. */
  add(prediction: Prediction): void;
  /** Sums up what was counted. */
  table(): Table;
  /** What was counted so far; plain JSON. */
  state?(): unknown;
  /** Counts what another rank's score of the same metric counted, of images that come after: its `state`. */
  merge?(state: unknown): void;
}

/** Contract of kind `metric`. */
export interface Metric {
  /** What it reads of a prediction; checked before the evaluation starts. */
  readonly needs: readonly ("cams" | "mask" | "scores" | "truth-mask")[];
  /** Whether its scores have `state` and `merge`: ranks share the images then. */
  readonly merges?: boolean;
  /** True where its tables have a threshold, which a later evaluation may use. */
  readonly givesThreshold?: boolean;
  /** Id of the earlier evaluation whose threshold it uses, where it does. */
  readonly thresholdFrom?: string;
  /**
   * Begins to count.
   *
   * @param classes foreground class names
   * @param threshold that of evaluation `thresholdFrom`, as it stands to the images that will be scored
   */
  start(classes: readonly string[], threshold?: Threshold): Score;
}

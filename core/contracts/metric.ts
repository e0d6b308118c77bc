/** What was predicted for one sample, and the truth. */
export interface Prediction {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Normalised CAMs of the labelled classes, 0..1, each `[height*width]`, by foreground class index from 0. */
  readonly cams?: ReadonlyMap<number, Float32Array>;
  /** Predicted class of every pixel, 0 background. */
  readonly mask?: Uint8Array;
  /** Image-level scores, `[C]`, any monotone scale. */
  readonly scores?: Float32Array;
  readonly truth: { readonly label: Float32Array; readonly mask?: Uint8Array };
}

/** The threshold of a score, and how it was chosen. */
export interface Threshold {
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
  readonly title: string;
  readonly columns: readonly string[];
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

/** One evaluation under way. */
export interface Score {
  add(prediction: Prediction): void;
  table(): Table;
}

/** Contract of kind `metric`. */
export interface Metric {
  /** What it reads of a prediction; checked before the evaluation starts. */
  readonly needs: readonly ("cams" | "mask" | "scores" | "truth-mask")[];
  /** True where its tables have a threshold, which a later evaluation may use. */
  readonly givesThreshold?: boolean;
  /** Id of the earlier evaluation whose threshold it uses, where it does. */
  readonly thresholdFrom?: string;
  /**
   * @param classes foreground class names
   * @param threshold that of evaluation `thresholdFrom`, as it stands to the images that will be scored
   */
  start(classes: readonly string[], threshold?: Threshold): Score;
}

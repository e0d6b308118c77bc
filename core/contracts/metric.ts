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

/** A table as evaluation prints it; percent where the column says %. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Headline numbers by name, such as `miou` in percent; a fraction where the name says so. */
  readonly summary: Readonly<Record<string, number>>;
  /** How the headline was chosen, such as "alpha 0.26, best on this split (oracle)". */
  readonly note: string;
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
  /** @param classes foreground class names. */
  start(classes: readonly string[]): Score;
}

import type { Raster } from "../sample.ts";

/** Class scores of one image, channel by channel: `data[c * height * width + y * width + x]`. */
export interface Scores {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Contract of kind `refinement`: scores and image → scores. Calls may overlap; some refinements then work in parallel. */
export interface Refinement {
  refine(scores: Scores, image: Raster): Promise<Scores>;
  /** Ends at once what `refine` left running, Workers for example; without it they end a moment later. */
  close?(): void;
}

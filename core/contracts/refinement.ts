import type { Raster } from "../sample.ts";

/** Class scores of one image, channel by channel: `data[c * height * width + y * width + x]`. */
export interface Scores {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Contract of kind `refinement`: scores and image → scores. */
export interface Refinement {
  refine(scores: Scores, image: Raster): Promise<Scores>;
}

import type { Raster } from "../data/sample.ts";
import type { StageContext, StagePlan } from "./stage.ts";

/** Class scores of one image, channel by channel: `data[c * height * width + y * width + x]`. */
export interface Scores {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Classes; the background among them where it was added. */
  readonly channels: number;
  /** Channel by channel, each row by row. */
  readonly data: Float32Array;
}

/** Contract of kind `refinement`: scores and image → scores. Calls may overlap; some refinements then work in parallel. */
export interface Refinement {
  /** It puts the background's scores before those of the classes, which come without. */
  readonly addsBackground?: boolean;
  /** It takes scores of all classes, the background first among them. */
  readonly needsBackground?: boolean;
  /** Ids of the earlier stages that it reads. */
  readonly from?: readonly string[];
  /** Options that do not change its result, such as `workers`. */
  readonly resumeIgnores?: readonly string[];
  /** Fails before the run starts where an earlier stage will not give what it reads. */
  check?(plan: StagePlan): Promise<void>;
  /** Called once before the first `refine`: loads what earlier stages left, a network for example. */
  open?(context: StageContext): Promise<void>;
  /** Refines one image's scores. @param image RGB uint8 of the scores' size */
  refine(scores: Scores, image: Raster): Promise<Scores>;
  /** Ends at once what `refine` left running, Workers for example, and frees what `open` loaded. */
  close?(): void;
}

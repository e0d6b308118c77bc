import type { StageEstimate, StagePlan } from "seamstress";
import {
  bytesPerValue,
  estimateImages,
  multiScaleCam,
  reducedSize,
  reduceLongSide,
  type Store,
} from "seamstress/wsss";

/** Bytes of an image's file besides its numbers. */
const HEADER = 256;

/** Options of inference. */
interface Settings {
  readonly from: string;
  readonly split: string;
  readonly scales: readonly number[];
  readonly flip: boolean;
  readonly output?: string | undefined;
  readonly longSide?: number | undefined;
  readonly save: readonly ("cams" | "scores")[];
  readonly store?: Store | undefined;
}

/**
 * Estimates the cost of inferring CAMs.
 *
 * @param settings of the stage
 * @param plan of the stage
 * @returns peak memory, work and files
 */
export function estimateInference(settings: Settings, plan: StagePlan): Promise<StageEstimate> {
  const { from, split, scales, flip, longSide, save, store } = settings;
  return estimateImages({
    from,
    split,
    infer: (model, { image, label }) => {
      const { outputs } = model.head;
      const output = settings.output ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam");
      const scoresFrom = outputs.includes("cam") ? "cam" : output;
      const reduced = reduceLongSide(image, longSide);
      return multiScaleCam(model, reduced, label, { scales, flip, output, scoresFrom });
    },
    bytes: ({ image, label }) => {
      const { width, height } = reducedSize(image, longSide);
      const maps = label.reduce((sum, value) => sum + value, 0) * width * height;
      return HEADER + (save.includes("cams") ? bytesPerValue(store) * maps : 0) +
        (save.includes("scores") ? Float32Array.BYTES_PER_ELEMENT * label.length : 0);
    },
  }, plan);
}

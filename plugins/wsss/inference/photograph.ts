import type { BackendInfo } from "../../../core/contracts/backend.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { pseudoMask } from "../cams/pseudo_mask.ts";
import { resizeScores } from "../refinement/resize_scores.ts";
import type { Model } from "../training/model.ts";
import { multiScaleCam } from "./multi_scale_cam.ts";
import type { PhotographSettings } from "./photograph_settings.ts";
import { reduceLongSide } from "./reduce.ts";

/** An image-level probability from which a class counts as shown. */
const SHOWN = 0.5;

/** The network's classes. */
export interface WantedClasses {
  /** How many there are. */
  readonly classes: number;
  /** Those whose CAMs are wanted, by index; those that the network sees where there are none. */
  readonly asked: readonly number[];
}

/** What one photograph gave. */
export interface InferredPhotograph {
  /** Image-level probability of each class. */
  readonly probabilities: readonly number[];
  /** Classes whose CAMs and mask were made, by index: those asked for, else those that the network sees, at least the likeliest. */
  readonly shown: readonly number[];
  /** CAM of each shown class, 0..1, of the photograph's size. */
  readonly cams: ReadonlyMap<number, Float32Array>;
  /** `[H*W]`: 0 background, else 1 + class. */
  readonly mask: Uint8Array;
}

/**
 * Infers one photograph, of which no label is known.
 *
 * @param model with parameters on the backend
 * @param image RGB uint8
 * @param wanted how many classes there are, and whose CAMs are wanted
 * @param settings scales, output, threshold
 * @param backend that the model is on
 * @returns scores, CAMs and mask
 */
export async function inferPhotograph(
  model: Model,
  image: Raster,
  { classes, asked }: WantedClasses,
  { scales, flip, longSide, output, normalize, alpha }: PhotographSettings,
  backend: BackendInfo,
): Promise<InferredPhotograph> {
  // Which classes it shows is known afterwards only; every CAM is normalised by itself, so that the others change none.
  const label = new Float32Array(classes).fill(asked.length > 0 ? 0 : 1);
  for (const c of asked) label[c] = 1;
  const { cams: { width, height, maps }, scores } = await multiScaleCam(
    model,
    reduceLongSide(image, longSide),
    label,
    {
      scales,
      flip,
      output,
      normalize,
      afterScale: () => backend.purge(),
    },
  );
  await backend.check();
  const probabilities = Array.from(scores, (score) => 1 / (1 + Math.exp(-score)));
  const shown = asked.length > 0 ? asked : seen(probabilities);
  const cams = new Map<number, Float32Array>();
  for (const c of shown) {
    const scores = { width, height, channels: 1, data: maps.get(c)! };
    cams.set(c, (await resizeScores(scores, image)).data);
  }
  return { probabilities, shown, cams, mask: pseudoMask(cams, image.width * image.height, alpha) };
}

function seen(probabilities: readonly number[]): readonly number[] {
  const all = [...probabilities.keys()];
  const shown = all.filter((c) => probabilities[c]! >= SHOWN);
  const likeliest = all.reduce((a, b) => probabilities[b]! > probabilities[a]! ? b : a, 0);
  return shown.length > 0 ? shown : [likeliest];
}

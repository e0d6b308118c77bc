import type { RecipeStage } from "../../../core/recipe/schema.ts";
import { camOutput } from "./cam_output.ts";
import type { MapNormalization } from "./normalize_map.ts";

/** Scales and mirroring where the run infers no CAMs itself: the SEAM authors'. */
const USUAL = { scales: [0.5, 1, 1.5, 2], flip: true, normalize: "min-max" } as const;

/** Long side that photographs are reduced to where the run does not say: those of VOC have at most 500. */
const USUAL_LONG_SIDE = 512;

/** Head outputs that are CAMs. */
export const CAM_OUTPUTS: readonly string[] = ["cam", "cam_rv"];

/** How the CAMs of a photograph are inferred. */
export interface PhotographSettings {
  /** Factors on the image's size. */
  readonly scales: readonly number[];
  /** Whether each scale's mirror image counts too. */
  readonly flip: boolean;
  /** Pixels that the longer side is reduced to where it is longer. */
  readonly longSide: number;
  /** Head output that the CAMs come from. */
  readonly output: string;
  /** How each class's CAM is brought to 0..1. */
  readonly normalize: MapNormalization;
  /** CAM below which a pixel is background. */
  readonly alpha: number;
}

/** What `infer` was told, as far as it is used here. */
interface InferOptions {
  readonly scales: readonly number[];
  readonly flip: boolean;
  readonly longSide?: number | null;
  readonly output?: string;
  readonly normalize?: MapNormalization;
}

/**
 * Chooses how CAMs of a photograph are inferred: as the run itself infers those of this network.
 *
 * @param stages of the run's resolved recipe
 * @param trained stage that trained the network
 * @param outputs of its head
 * @returns all but the threshold, and the stages that infer CAMs by this network: who scored theirs knows a threshold
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { photographSettings } from "seamstress/wsss";
 * const infer = { id: "cams", run: "infer", from: "seam", scales: [1], flip: false, longSide: 300 };
 * const { settings, infers } = photographSettings([infer], "seam", ["cam", "cam_rv"]);
 * assertEquals([settings.scales, settings.longSide, settings.output, infers], [[1], 300, "cam_rv", ["cams"]]);
 * ```
 */
export function photographSettings(
  stages: readonly RecipeStage[],
  trained: string,
  outputs: readonly string[],
): {
  readonly settings: Omit<PhotographSettings, "alpha">;
  readonly infers: readonly string[];
} {
  const infers = stages.filter(({ run, from }) => run === "infer" && from === trained);
  const [first] = infers;
  // Stage infer's own schema checked them.
  const options = (first ?? {}) as unknown as Partial<InferOptions>;
  return {
    settings: {
      scales: options.scales ?? USUAL.scales,
      flip: options.flip ?? USUAL.flip,
      longSide: options.longSide ?? USUAL_LONG_SIDE,
      output: camOutput(outputs, options.output),
      normalize: options.normalize ?? USUAL.normalize,
    },
    infers: infers.map(({ id }) => id),
  };
}

/**
 * Plugins that data-loading Workers need: free of tfjs, so that a Worker starts fast.
 *
 * @module
 */
import type { Plugin } from "../core/registry/plugin.ts";
import { coco } from "./datasets/coco.ts";
import { folder } from "./datasets/folder.ts";
import { mini } from "./datasets/mini.ts";
import { withMasks } from "./datasets/with_masks.ts";
import { voc12 } from "./datasets/voc12.ts";
import { colorJitter } from "./transforms/color_jitter.ts";
import { flip } from "./transforms/flip.ts";
import { gaussianBlurTransform } from "./transforms/gaussian_blur.ts";
import { grayscale } from "./transforms/grayscale.ts";
import { hsv } from "./transforms/hsv.ts";
import { normalize } from "./transforms/normalize.ts";
import { randomCrop } from "./transforms/random_crop.ts";
import { randAugment } from "./transforms/rand_augment.ts";
import { randomErasing } from "./transforms/random_erasing.ts";
import { randomResizeLong } from "./transforms/random_resize_long.ts";
import { randomResizedCrop } from "./transforms/random_resized_crop.ts";
import { resizeLong } from "./transforms/resize_long.ts";
import { scale } from "./transforms/scale.ts";
import { solarize } from "./transforms/solarize.ts";

/** Data sets and transforms. */
export const dataPlugins = [
  mini,
  voc12,
  folder,
  coco,
  withMasks,
  randomResizeLong,
  resizeLong,
  randAugment,
  randomErasing,
  scale,
  solarize,
  flip,
  gaussianBlurTransform,
  grayscale,
  colorJitter,
  hsv,
  normalize,
  randomCrop,
  randomResizedCrop,
] as const satisfies readonly Plugin[];

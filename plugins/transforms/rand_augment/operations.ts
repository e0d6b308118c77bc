import { mapRasters, type Raster, type Sample } from "seamstress";
import { adjustBrightness } from "../color/brightness.ts";
import { adjustContrast } from "../color/contrast.ts";
import { adjustSaturation } from "../color/saturation.ts";
import { type Affine, affineBicubic, affineNearest, rotation } from "./affine.ts";
import { adjustSharpness } from "./sharpness.ts";
import { autoContrast, equalize } from "./tables.ts";

/** Level at which an operation is strongest. */
export const MOST = 10;

/** What an operation of RandAugment is given. */
export interface Strength {
  /** 0 to 1. */
  readonly part: number;
  /** 1, or -1 where the operation goes the other way. */
  readonly sign: 1 | -1;
  /** Colour of what comes into the image from outside. */
  readonly fill: readonly number[];
}

/** An operation of RandAugment on a sample whose image is RGB of uint8. */
export type Operation = (sample: Sample, strength: Strength) => Sample;

/** An operation on colours: mask and maps stay. */
function colours(change: (image: Raster, strength: Strength) => Uint8Array): Operation {
  return (sample, strength) => {
    const data = change(sample.image, strength);
    return { ...sample, image: { ...sample.image, data } };
  };
}

const pixelsOf = ({ data }: Raster) => data as Uint8Array;

/** Each level for itself. */
const levels = (change: (level: number, part: number) => number): Operation =>
  colours((image, { part }) => pixelsOf(image).map((level) => change(level, part)));

/** A factor of 0.1 to 1.9, away from 1. */
const enhanced = (change: (image: Raster, factor: number) => Uint8Array): Operation =>
  colours((image, { part, sign }) => change(image, 1 + sign * part * 0.9));

/** An operation on places: mask and maps go with the image, and are 255 and 0 where the image is filled. */
function places(matrixOf: (signed: number, image: Raster) => Affine): Operation {
  return (sample, { part, sign, fill }) => {
    const matrix = matrixOf(sign * part, sample.image);
    const rasters = mapRasters(
      sample,
      (mask) => affineNearest(mask, matrix, 255),
      (map) => affineNearest(map, matrix, 0),
    );
    return { ...rasters, image: affineBicubic(sample.image, matrix, fill) };
  };
}

/**
 * RandAugment's operations as timm has them with `inc1`, each stronger the higher its level: rotations to 30°, shears to 0.3,
 * translations to 0.45 of the side, factors of colour, contrast, brightness and sharpness to 0.1 and 1.9.
 */
export const OPERATIONS = {
  "auto-contrast": colours((image) => autoContrast(pixelsOf(image))),
  equalize: colours((image) => equalize(pixelsOf(image))),
  invert: levels((level) => 255 - level),
  rotate: places((signed, image) => rotation(signed * 30, image)),
  posterize: levels((level, part) => level & ~(2 ** (4 + Math.floor(part * 4)) - 1)),
  solarize: levels((level, part) => level < 256 - Math.floor(part * 256) ? level : 255 - level),
  "solarize-add": levels((level, part) =>
    level < 128 ? Math.min(255, level + Math.floor(part * 110)) : level
  ),
  color: enhanced((image, factor) => adjustSaturation(pixelsOf(image), factor)),
  contrast: enhanced((image, factor) => adjustContrast(pixelsOf(image), factor)),
  brightness: enhanced((image, factor) => adjustBrightness(pixelsOf(image), factor)),
  sharpness: enhanced(adjustSharpness),
  "shear-x": places((signed) => [1, signed * 0.3, 0, 0, 1, 0]),
  "shear-y": places((signed) => [1, 0, 0, signed * 0.3, 1, 0]),
  "translate-x": places((signed, { width }) => [1, 0, signed * 0.45 * width, 0, 1, 0]),
  "translate-y": places((signed, { height }) => [1, 0, 0, 0, 1, signed * 0.45 * height]),
} as const satisfies Readonly<Record<string, Operation>>;

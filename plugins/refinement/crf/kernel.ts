import type { Raster } from "seamstress";
import { symmetricNorm } from "./normalization.ts";
import type { DenseCrfOptions } from "./options.ts";
import { buildLattice, type Lattice } from "./permutohedral.ts";

/** A pairwise term: a Gaussian kernel over features of the pixels, symmetrically normalised, under a Potts model. */
export interface Kernel {
  readonly lattice: Lattice;
  /** `[pixels][d + 1]`: barycentric coordinates times the pixel's norm; used for both splatting and slicing. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** Factor from a sliced value to a message. */
  readonly factor: number;
}

/** Dimensions of the features of {@linkcode pairwiseKernels}: position, and position with colour. */
const DIMENSIONS = [2, 5] as const;

/** Corners of a simplex in the lattices of {@linkcode pairwiseKernels}, in their order. */
export const CORNERS: readonly number[] = DIMENSIONS.map((dimensions) => dimensions + 1);

/**
 * Both pairwise terms of an image.
 *
 * @param image RGB uint8
 * @param options of the kernels
 * @returns the smoothness and the appearance kernel
 */
export function pairwiseKernels(
  image: Raster,
  options: Pick<DenseCrfOptions, "gaussian" | "bilateral">,
): readonly [Kernel, Kernel] {
  return [gaussianKernel(image, options.gaussian), bilateralKernel(image, options.bilateral)];
}

/** Smoothness kernels of the sizes that came last, which many images of a data set share. */
const smoothness = new Map<string, Kernel>();
/** Sizes whose kernels are kept: some 5 MB each for a photograph. */
const KEPT = 4;

/**
 * The smoothness kernel: features are the position.
 *
 * @param image of which only the size is used
 * @param options standard deviation in pixels, and weight
 * @returns the kernel; not to be changed, since images of the same size share it
 */
export function gaussianKernel(
  { width, height }: Raster,
  { sxy, compat }: DenseCrfOptions["gaussian"],
): Kernel {
  const key = [width, height, sxy, compat].join();
  const found = smoothness.get(key) ??
    kernel(positions(width, height, sxy), DIMENSIONS[0], compat);
  // The map is in the order of use.
  smoothness.delete(key);
  smoothness.set(key, found);
  if (smoothness.size > KEPT) smoothness.delete(smoothness.keys().next().value!);
  return found;
}

function positions(width: number, height: number, sxy: number): Float32Array {
  const points = new Float32Array(width * height * 2);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      points[to++] = x / sxy;
      points[to++] = y / sxy;
    }
  }
  return points;
}

/**
 * The appearance kernel: features are position and colour.
 *
 * @param image RGB uint8
 * @param options standard deviations in pixels and in levels, and weight
 * @returns the kernel
 */
export function bilateralKernel(image: Raster, options: DenseCrfOptions["bilateral"]): Kernel {
  const { sxy, srgb, compat } = options;
  const points = new Float32Array(image.width * image.height * 5);
  let to = 0, from = 0;
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      points[to++] = x / sxy;
      points[to++] = y / sxy;
      for (let c = 0; c < 3; c++) points[to++] = image.data[from++]! / srgb;
    }
  }
  return kernel(points, DIMENSIONS[1], compat);
}

function kernel(points: Float32Array, dimensions: number, compat: number): Kernel {
  const lattice = buildLattice(points, dimensions);
  const corners = dimensions + 1;
  // Keeps a constant input unchanged by the blur: "alpha" in Krähenbühl's code.
  const scale = 1 / (1 + 2 ** -dimensions);
  const norm = symmetricNorm(lattice, scale);
  const weights = new Float32Array(lattice.weights.length);
  for (let point = 0, at = 0; point < norm.length; point++) {
    for (const end = at + corners; at < end; at++) {
      weights[at] = lattice.weights[at]! * norm[point]!;
    }
  }
  return { lattice, weights, factor: scale * compat };
}

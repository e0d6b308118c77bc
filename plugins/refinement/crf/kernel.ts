import type { Raster } from "seamstress";
import { symmetricNorm } from "./normalization.ts";
import type { DenseCrfOptions } from "./options.ts";
import { type Lattice, LatticeBuilder, type LatticeSource } from "./permutohedral.ts";

/** A pairwise term: a Gaussian kernel over features of the pixels, symmetrically normalised, under a Potts model. */
export interface Kernel {
  readonly lattice: Lattice;
  /** `[pixels][d + 1]`: barycentric coordinates times the pixel's norm; used for both splatting and slicing. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** Factor from a sliced value to a message. */
  readonly factor: number;
}

/** Dimensions of the features of {@linkcode KernelBuilder.pairwise}: position, and position with colour. */
export const DIMENSIONS = [2, 5] as const;

/** Corners of a simplex in the lattices of {@linkcode KernelBuilder.pairwise}, in their order. */
export const CORNERS: readonly number[] = DIMENSIONS.map((dimensions) => dimensions + 1);

/** Sizes of images whose smoothness kernels are kept: some 5 MB each for a photograph. */
const KEPT = 4;

/** Builds the pairwise terms of images. Images of the same size share the smoothness kernel. */
export class KernelBuilder {
  readonly #lattices: LatticeBuilder;
  /** Smoothness kernels of the sizes that came last, in the order of use. */
  readonly #smoothness = new Map<string, Kernel>();

  /** @param source of the lattices' programs, as {@linkcode LatticeBuilder} wants it */
  constructor(source: LatticeSource) {
    this.#lattices = new LatticeBuilder(source);
  }

  /**
   * Both pairwise terms of an image.
   *
   * @param image RGB uint8
   * @param options of the kernels
   * @returns the smoothness kernel, not to be changed, and the appearance kernel
   */
  pairwise(
    image: Raster,
    options: Pick<DenseCrfOptions, "gaussian" | "bilateral">,
  ): readonly [Kernel, Kernel] {
    return [this.gaussian(image, options.gaussian), this.bilateral(image, options.bilateral)];
  }

  /**
   * The smoothness kernel: features are the position.
   *
   * @param image of which only the size is used
   * @param options standard deviation in pixels, and weight
   * @returns the kernel; not to be changed, since images of the same size share it
   */
  gaussian({ width, height }: Raster, { sxy, compat }: DenseCrfOptions["gaussian"]): Kernel {
    const key = [width, height, sxy, compat].join(), kept = this.#smoothness;
    const kernel = kept.get(key) ?? this.#kernel(positions(width, height, sxy), 2, compat);
    kept.delete(key);
    kept.set(key, kernel);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return kernel;
  }

  /**
   * The appearance kernel: features are position and colour.
   *
   * @param image RGB uint8
   * @param options standard deviations in pixels and in levels, and weight
   * @returns the kernel
   */
  bilateral(image: Raster, options: DenseCrfOptions["bilateral"]): Kernel {
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
    return this.#kernel(points, 5, compat);
  }

  #kernel(points: Float32Array, dimensions: typeof DIMENSIONS[number], compat: number): Kernel {
    const lattice = this.#lattices.build(points, dimensions), corners = dimensions + 1;
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

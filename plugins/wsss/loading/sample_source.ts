import type { Normalization } from "../../../core/contracts/backbone.ts";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { Transform } from "../../../core/contracts/transform.ts";
import { userError } from "../../../core/errors.ts";
import type { Limits } from "../../../core/recipe/limits.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import type { Raster, Sample } from "../../../core/data/sample.ts";

/** What training samples are created from; plain data, so that it can be sent to a Worker. */
export interface SourceOptions {
  /** URLs of modules that export the plugins named below. */
  readonly modules: readonly string[];
  readonly dataset: Use<"dataset">;
  readonly split: string;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** In order. */
  readonly transforms: readonly Use<"transform">[];
  /** What the backbone wants. */
  readonly normalization: Normalization;
  /** Bounds on what is read; without it those of a recipe that says nothing. */
  readonly limits?: Limits;
  readonly seed: number;
  /** Id of the stage, so that two stages of a recipe draw differently. */
  readonly stage: string;
  /** Whether masks are wanted. */
  readonly mask?: boolean;
}

/** Creates training samples: reads and transforms. The same pixels in any Worker and any order. */
export class SampleSource {
  /** The split that is read. */
  readonly dataset: Dataset;
  readonly #transforms: readonly Transform[];
  readonly #options: SourceOptions;

  private constructor(dataset: Dataset, transforms: readonly Transform[], options: SourceOptions) {
    this.dataset = dataset;
    this.#transforms = transforms;
    this.#options = options;
  }

  /**
   * Imports the plugins, opens the data set and makes the transforms.
   *
   * @param options what to read and how
   * @returns the source
   */
  static async open(options: SourceOptions): Promise<SampleSource> {
    const { modules, dataset, split, base, transforms, normalization, limits } = options;
    const registry = await Registry.fromModules(modules, limits);
    const created: Transform[] = [];
    for (const use of transforms) {
      created.push(await registry.create("transform", use, { normalization }));
    }
    return new SampleSource(
      await registry.create("dataset", dataset, { split, base }),
      created,
      options,
    );
  }

  /**
   * Reads and transforms one sample.
   *
   * @param epoch from 0
   * @param index place in the data set
   * @returns float32 RGB, `[H,W,3]`, which shares no memory with what the data set holds; the mask where wanted
   * @throws {TypeError} where the transforms leave the pixels uint8
   */
  async make(epoch: number, index: number): Promise<Sample> {
    const { seed, stage, mask = false } = this.#options;
    const read = await this.dataset.read(index, { mask, maps: true });
    const rng = Rng.of(seed, "augment", stage, epoch, index);
    let sample = read;
    for (const [i, transform] of this.#transforms.entries()) {
      sample = transform.apply(sample, rng.child(i));
    }
    this.#check(sample, mask);
    const { image } = sample;
    // A Worker gives the pixels away; a data set may keep its own.
    const data = image.data.buffer === read.image.data.buffer ? image.data.slice() : image.data;
    return { ...sample, image: { ...image, data } };
  }

  #check({ name, image, label, mask, maps }: Sample, wantMask: boolean): void {
    if (!(image.data instanceof Float32Array)) {
      throw userError(
        new TypeError(
          `Cannot train on ${name}: its pixels are still uint8 after the transforms; ` +
            "add the transform normalize",
        ),
      );
    }
    const classes = this.dataset.classes.length;
    if (label.length !== classes) {
      throw new RangeError(
        `Cannot train on ${name}: its label has ${label.length} entries for ${classes} classes`,
      );
    }
    checkRaster(`image of ${name}`, image, image, 3);
    if (wantMask && !mask) {
      throw new TypeError(`Cannot train on ${name}: the transforms lost its mask`);
    }
    if (mask) checkRaster(`mask of ${name}`, mask, image, 1);
    for (const each of this.dataset.maps ?? []) {
      const map = maps && Object.hasOwn(maps, each) ? maps[each] : undefined;
      if (!map) throw new TypeError(`Cannot train on ${name}: the transforms lost its map ${each}`);
      checkRaster(`map ${each} of ${name}`, map, image, map.channels);
    }
  }
}

/** Fails where a plugin returned a raster whose data does not fit its shape, which would shift a batch's values. */
function checkRaster(
  what: string,
  { width, height, channels, data }: Raster,
  image: Raster,
  expected: number,
): void {
  if (
    width === image.width && height === image.height && channels === expected &&
    data.length === width * height * channels
  ) return;
  throw new RangeError(
    `Cannot train on the ${what}: found ${data.length} values as ${width}x${height}x${channels}, ` +
      `expected ${image.width}x${image.height}x${expected}`,
  );
}

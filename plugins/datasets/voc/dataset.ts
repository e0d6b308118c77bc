import {
  type Dataset,
  hashJson,
  HEADER_BYTES,
  type ImageSize,
  imageSize,
  type Raster,
  readAhead,
  type Sample,
  userError,
} from "seamstress";
import { type ClassMap, VOC_CLASSES } from "./classes.ts";
import { AT_ONCE, hashIfThere, type Listings, readBytes, readStart, sizeOf } from "./files.ts";
import { maskValues } from "./census.ts";
import type { Labeller, Located } from "./labels.ts";
import { type Indices, readMaskFile } from "./mask.ts";
import { checkMaps, hashMaps, type MapFolders } from "./maps.ts";
import { absent, refuseMissing } from "./missing.ts";
import { orientationRemark } from "./orientation.ts";
import { readImage } from "./read_image.ts";
import { orderRemark, truthProblem } from "./truth.ts";

/** Number of masks whose files are prefetched while one is decoded. */
const AHEAD = 8;

/** Files, classes and labels of a split. */
export interface VocParts {
  /** The list that the split came from, for messages. */
  readonly split: string;
  readonly samples: readonly Located[];
  readonly classes: ClassMap;
  readonly labeller: Labeller;
  /** Folders that were searched for masks, for messages. */
  readonly maskFolders: readonly string[];
  /** True where labels come from masks, which then must exist. */
  readonly labelsNeedMasks: boolean;
  /** Folders of extra maps by name. */
  readonly maps: MapFolders;
  readonly files: Listings;
  /** Maximum number of pixels of an image or mask, the recipe's `limits.pixels`. */
  readonly limit: number;
}

/** One split of images and masks in files: a VOCdevkit, or another layout. */
export class VocDataset implements Dataset {
  readonly #parts: VocParts;
  readonly #labels: (Float32Array | undefined)[];

  /** @param parts files, classes and labels */
  constructor(parts: VocParts) {
    this.#parts = parts;
    this.#labels = new Array(parts.samples.length);
  }

  /** Foreground classes. */
  get classes(): readonly string[] {
    return this.#parts.classes.classes;
  }

  /** Names of extra maps. */
  get maps(): readonly string[] {
    return Object.keys(this.#parts.maps);
  }

  /** Number of samples. */
  get length(): number {
    return this.#parts.samples.length;
  }

  #sample(index: number): Located {
    const sample = this.#parts.samples[index];
    if (sample) return sample;
    throw new RangeError(`Cannot read sample ${index}: there are ${this.length}`);
  }

  /**
   * @param index sample
   * @returns the image's name, such as `2007_000032`
   */
  name(index: number): string {
    return this.#sample(index).name;
  }

  /**
   * @param index sample
   * @returns `[C]` in {0,1}
   * @throws {Error} where the sample has none
   */
  label(index: number): Float32Array {
    return (this.#labels[index] ??= this.#parts.labeller(this.#sample(index))).slice();
  }

  #maskPath(sample: Located): string {
    if (sample.mask) return sample.mask;
    throw userError(
      new Deno.errors.NotFound(
        `Cannot find a mask of ${sample.name}: looked in ${this.#parts.maskFolders.join(", ")}`,
      ),
    );
  }

  /**
   * @param index sample
   * @param want whether to read the mask, and the maps
   * @returns pixels, label and, if requested, mask and maps
   * @throws {Error} naming the file that is missing, broken, or of another size than the image
   */
  async read(
    index: number,
    want: { readonly mask: boolean; readonly maps?: boolean },
  ): Promise<Sample> {
    const located = this.#sample(index);
    const { maps, files, limit } = this.#parts;
    const { bytes, ...read } = await readImage(located, want.maps ? maps : undefined, files, limit);
    const sample = { name: located.name, ...read, label: this.label(index) };
    if (!want.mask) return sample;
    return { ...sample, mask: await this.#readMask(located, read.image, bytes) };
  }

  /**
   * @param index sample
   * @returns the mask alone; of its image only the header is read
   * @throws {Error} naming the file that is missing, broken, or of another size than the image
   */
  async readMask(index: number): Promise<Raster> {
    const sample = this.#sample(index);
    const start = await readStart(sample.image, HEADER_BYTES);
    // Long metadata may push the size out of the first bytes, which usually suffice.
    const size = imageSize(start) ??
      (start.length < HEADER_BYTES ? undefined : imageSize(await readBytes(sample.image)));
    return await this.#readMask(sample, size, start);
  }

  /**
   * @param path of a mask from another folder, with values in the experiment's class order
   * @returns the mask
   * @throws {Error} naming the file that is missing or broken
   */
  async readMaskFile(path: string): Promise<Raster> {
    const { limit } = this.#parts;
    return await readMaskFile(path, this.classes.join() === VOC_CLASSES.join(), limit);
  }

  /**
   * @param size of the image, where it is known
   * @param start of the image's file
   */
  async #readMask(
    sample: Located,
    size: ImageSize | undefined,
    start: Uint8Array,
  ): Promise<Indices> {
    const path = this.#maskPath(sample);
    const { classes, limit } = this.#parts;
    const mask = await readMaskFile(path, classes.areVoc, limit);
    if (size && (mask.width !== size.width || mask.height !== size.height)) {
      throw userError(
        new RangeError(
          `Cannot use mask ${path}: it is ${mask.width}x${mask.height}, ` +
            `its image ${sample.image} is ${size.width}x${size.height}${orientationRemark(start)}`,
        ),
      );
    }
    return { ...mask, data: classes.mask(mask.data, path) };
  }

  /**
   * Throws if a listed image, mask or label is missing; where masks are used or labels come from them, also if masks contain
   * values that are no class, or contain none of the classes. This decodes every mask, once per process.
   *
   * @param want whether masks, and extra maps, will be used
   * @throws {Error} with the number of files that are missing and the first of them, or what is wrong with the masks
   */
  async check(want: { readonly mask: boolean; readonly maps?: boolean }): Promise<void> {
    const { samples, split, labelsNeedMasks, maskFolders, maps, files } = this.#parts;
    const missing: string[] = [];
    for (const { image } of samples) missing.push(...await absent(image, files));
    refuseMissing(missing, split, `${this.length} images`, `${split} lists them`);
    if (want.mask || labelsNeedMasks) {
      const unmasked: string[] = [];
      for (const { name, mask } of samples) {
        unmasked.push(...mask ? await absent(mask, files) : [`${name}.png`]);
      }
      const places = `looked in ${maskFolders.join(", ")}`;
      refuseMissing(unmasked, split, `${this.length} masks`, places);
      await this.#checkTruth();
    }
    if (want.maps) await checkMaps(maps, samples.map(({ name }) => name), split, files);
    for (let i = 0; i < samples.length; i++) this.label(i);
  }

  /**
   * @param want whether masks are used
   * @returns which rule maps mask values to classes, where two rules fit
   */
  async remarks(want: { readonly mask: boolean }): Promise<readonly string[]> {
    const { classes, labelsNeedMasks, split } = this.#parts;
    // Only with VOC's class names do two rules exist.
    if (!(want.mask || labelsNeedMasks) || !classes.implied || !classes.areVoc) return [];
    const order = orderRemark(await this.#heldValues(), classes);
    return order === undefined ? [] : [`${split}: ${order}`];
  }

  /** Checks every mask: its values must be classes, and all masks together must contain at least one class of the experiment. */
  async #checkTruth(): Promise<void> {
    const { classes, split } = this.#parts;
    const problem = truthProblem(await this.#heldValues(), classes);
    if (problem !== undefined) throw userError(new RangeError(`Cannot use ${split}: ${problem}`));
  }

  /** `[256]`, more than 0 for each value that occurs in any mask; each mask is decoded once per process. */
  async #heldValues(): Promise<Uint8Array> {
    const { samples, classes, labelsNeedMasks, limit } = this.#parts;
    const held = new Uint8Array(256);
    const read = (i: number) => maskValues(samples[i]!.mask!, classes.areVoc, limit);
    let i = 0;
    for await (const values of readAhead(samples.length, AHEAD, read)) {
      classes.refuseUnknown(values, samples[i]!.mask!);
      values.forEach((there, value) => held[value]! |= there);
      if (labelsNeedMasks) this.#labels[i] ??= classes.labelOfMask(values);
      i++;
    }
    return held;
  }

  /** @returns SHA-256 of classes, names, labels, sizes of images, masks and maps, hex; a mask corrected in one pixel changes it */
  async fingerprint(): Promise<string> {
    const { samples, classes, labelsNeedMasks, maps, files } = this.#parts;
    const rows = await Array.fromAsync(readAhead(samples.length, AT_ONCE, async (i) => {
      const { name, image, mask } = samples[i]!;
      return [
        name,
        labelsNeedMasks ? "mask" : this.label(i).join(""),
        await sizeOf(image),
        // A mask need not exist where only labels are used.
        mask ? await hashIfThere(mask, files) : 0,
        ...await hashMaps(maps, name, files),
      ];
    }));
    return await hashJson([classes.classes, classes.vocabulary, ...rows]);
  }
}

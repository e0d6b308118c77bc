import {
  type Dataset,
  FileSource,
  hashFile,
  hashJson,
  type Raster,
  readAhead,
  type Sample,
  userError,
} from "seamstress";
import type { ClassMap } from "../voc/classes.ts";
import { AT_ONCE, type Listings, sizeOf } from "../voc/files.ts";
import { checkMaps, hashMaps, type MapFolders } from "../voc/maps.ts";
import { readMaskFile } from "../voc/mask.ts";
import { absent, refuseMissing } from "../voc/missing.ts";
import { orientationRemark } from "../voc/orientation.ts";
import { readImage } from "../voc/read_image.ts";
import type { AnnotationFile } from "./annotation_file.ts";
import { makeMask, type MaskOptions, parseObjects, readTexts } from "./masks.ts";

/** A sample of a split. */
export interface CocoSample {
  readonly name: string;
  /** Absolute path; may not exist. */
  readonly image: string;
  /** Place in the annotation file's images; -1 where it is not among them. */
  readonly index: number;
}

/** Images, objects and classes of a split. */
export interface CocoParts {
  /** For messages. */
  readonly split: string;
  readonly annotations: AnnotationFile;
  readonly samples: readonly CocoSample[];
  readonly classes: ClassMap;
  readonly masks: MaskOptions;
  /** Folders of extra maps by name. */
  readonly maps: MapFolders;
  /** Whether images alone are wanted, so that labels are zeros. */
  readonly unlabelled: boolean;
  readonly files: Listings;
}

/** What was done with annotation files of these paths, sizes and times: stages ask again. */
const hashed = new Map<string, Promise<string>>();
const checked = new Set<string>();

async function stateOf(path: string): Promise<string> {
  const { size, mtime } = await Deno.stat(path);
  return JSON.stringify([path, size, mtime?.getTime()]);
}

/** One split of data in COCO's form; masks are made when they are asked for. */
export class CocoDataset implements Dataset {
  readonly #parts: CocoParts;

  /** @param parts images, objects and classes */
  constructor(parts: CocoParts) {
    this.#parts = parts;
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

  #sample(index: number): CocoSample {
    const sample = this.#parts.samples[index];
    if (sample) return sample;
    throw new RangeError(`Cannot read sample ${index}: there are ${this.length}`);
  }

  /**
   * @param index sample
   * @returns the image's name: its file's without the ending
   */
  name(index: number): string {
    return this.#sample(index).name;
  }

  /**
   * @param index sample
   * @returns `[C]` in {0,1}: classes of its objects, crowds among them
   */
  label(index: number): Float32Array {
    const { annotations, classes, unlabelled } = this.#parts;
    const sample = this.#sample(index);
    const label = new Float32Array(classes.classes.length);
    if (unlabelled || sample.index < 0) return label;
    for (const { category } of annotations.objectsOf(sample.index)) {
      const place = classes.classes.indexOf(annotations.categories[category]!);
      if (place >= 0) label[place] = 1;
    }
    return label;
  }

  /**
   * @param index sample
   * @param want whether to make the mask, and to read the maps
   * @returns pixels, label and, if requested, mask and maps
   * @throws {Error} naming the file that is missing, broken, or of another size than the annotations say
   */
  async read(
    index: number,
    want: { readonly mask: boolean; readonly maps?: boolean },
  ): Promise<Sample> {
    const located = this.#sample(index);
    const { annotations, masks: { limit }, maps, files } = this.#parts;
    const { bytes, ...read } = await readImage(located, want.maps ? maps : undefined, files, limit);
    const sample = { name: located.name, ...read, label: this.label(index) };
    if (!want.mask) return sample;
    const { image } = read;
    const stated = annotations.images[located.index];
    if (stated && (stated.width !== image.width || stated.height !== image.height)) {
      throw userError(
        new RangeError(
          `Cannot use COCO annotations ${annotations.path}: they are of ${stated.width}x${stated.height} pixels, ` +
            `image ${located.image} is ${image.width}x${image.height}${orientationRemark(bytes)}`,
        ),
      );
    }
    return { ...sample, mask: this.#makeMask(index) };
  }

  /**
   * @param index sample
   * @returns the mask, `[H,W]` uint8 numbers of `classes`
   * @throws {Error} naming file and object where it cannot be made
   */
  readMask(index: number): Promise<Raster> {
    return Promise.try(() => this.#makeMask(index));
  }

  #makeMask(index: number): Raster {
    const { annotations, masks } = this.#parts;
    const { name, index: place } = this.#sample(index);
    const size = annotations.images[place];
    if (!size) {
      throw userError(
        new RangeError(`Cannot make a mask of ${name}: ${annotations.path} does not list it`),
      );
    }
    using source = FileSource.open(annotations.path);
    const texts = readTexts(annotations, place, source, masks.limit);
    const data = makeMask(annotations, place, texts, masks);
    return { width: size.width, height: size.height, channels: 1, data };
  }

  /**
   * @param path of a mask elsewhere, whose numbers are places in the file's categories, in order of id, from 1
   * @returns `[H,W]` uint8 numbers of `classes`
   * @throws {Error} naming the file where it cannot be one
   */
  async readMaskFile(path: string): Promise<Raster> {
    const { classes, masks } = this.#parts;
    const mask = await readMaskFile(path, classes.areVoc, masks.limit);
    return { ...mask, data: classes.mask(mask.data, path) };
  }

  /**
   * Throws if an image is missing; where masks are wanted, also if an object is broken or no object has any of the classes. Objects are read,
   * not drawn.
   *
   * @param want whether masks, and extra maps, will be used
   */
  async check(want: { readonly mask: boolean; readonly maps?: boolean }): Promise<void> {
    const { samples, split, annotations, files, unlabelled } = this.#parts;
    const missing: string[] = [];
    for (const { image, index } of samples) {
      const why = index < 0 ? [`${image} (not in ${annotations.path})`] : [];
      missing.push(...why.length > 0 ? why : await absent(image, files));
    }
    refuseMissing(missing, split, `${this.length} images`, `${split} lists them`);
    if (!annotations.annotated && (want.mask || !unlabelled)) {
      throw userError(
        new RangeError(`Cannot use ${split}: ${annotations.path} has no annotations`),
      );
    }
    const names = samples.map(({ name }) => name);
    if (want.maps) await checkMaps(this.#parts.maps, names, split, files);
    if (want.mask) await this.#checkObjects();
  }

  async #checkObjects(): Promise<void> {
    const { samples, split, annotations, masks, classes } = this.#parts;
    const holds = samples.some(({ index }) =>
      annotations.objectsOf(index).some(({ category, crowd }) =>
        !crowd && classes.classes.includes(annotations.categories[category]!)
      )
    );
    if (!holds) {
      throw userError(
        new RangeError(
          `Cannot use ${split}: no object in ${annotations.path} is of ${
            classes.classes.slice(0, 20).join(", ")
          }`,
        ),
      );
    }
    const key = `${await stateOf(annotations.path)} ${masks.limit} ${await hashJson(
      samples.map(({ index }) => index),
    )}`;
    if (checked.has(key)) return;
    using source = FileSource.open(annotations.path);
    for (const { index } of samples) {
      parseObjects(annotations, index, readTexts(annotations, index, source, masks.limit));
    }
    checked.add(key);
  }

  /** @returns hash of the annotation file, classes, the making of masks, names and sizes of images, and maps, hex */
  async fingerprint(): Promise<string> {
    const { samples, annotations, classes, masks, maps, files, unlabelled } = this.#parts;
    const state = await stateOf(annotations.path);
    const hash = hashed.get(state) ?? hashFile(annotations.path);
    hashed.set(state, hash);
    const rows = await Array.fromAsync(readAhead(samples.length, AT_ONCE, async (i) => {
      const { name, image } = samples[i]!;
      return [name, await sizeOf(image), ...await hashMaps(maps, name, files)];
    }));
    return await hashJson([await hash, classes.classes, masks, unlabelled, rows]);
  }
}

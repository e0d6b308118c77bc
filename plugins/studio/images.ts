import {
  type Dataset,
  encodeRgbPng,
  messageOf,
  type PluginFactory,
  type Raster,
  type Sample,
} from "seamstress";
import { encodeMap, encodeNumbers } from "./encode_map.ts";
import { Kept } from "./kept.ts";
import { readMap } from "./read_map.ts";
import { openSplit, type Split } from "./sources.ts";
import { SplitScorer, type SplitScores } from "./split_scores.ts";

/** An image in the list of a split. */
export interface ListedImage {
  readonly index: number;
  readonly name: string;
  /** Classes by index from 0. */
  readonly classes: readonly number[];
}

/** What there is of an image. */
export interface ImageFacts extends ListedImage {
  readonly width: number;
  readonly height: number;
  /** Whether it has a true mask. */
  readonly truth: boolean;
  /** Maps by the number of their source. */
  readonly maps: readonly {
    readonly source: number;
    readonly width: number;
    readonly height: number;
    /** Classes that have a CAM, by index from 0, in the order of their maps. */
    readonly classes?: readonly number[];
    /** Why it cannot be shown. */
    readonly fault?: string;
  }[];
}

/** Images that stay decoded: a page asks for the photograph and the truth one after the other. */
const KEPT = 8;

/** The images of a split and what stages made of them. */
export class SplitImages {
  readonly #samples = new Kept<number, Sample>(KEPT);
  readonly #scorers = new Map<string, { scorer: SplitScorer; ended: Promise<void> }>();

  private constructor(
    readonly split: Split,
    readonly dataset: Dataset,
    readonly pixels: number,
  ) {}

  /**
   * Opens the data set of a split.
   *
   * @param split of a run
   * @param factory makes the data set
   * @returns its images
   * @throws {Error} where the data set cannot be opened
   */
  static async open(split: Split, factory: PluginFactory): Promise<SplitImages> {
    return new SplitImages(split, await openSplit(split, factory), factory.limits.pixels);
  }

  get #limits() {
    return { classes: this.dataset.classes.length, pixels: this.pixels };
  }

  #labels(index: number): readonly number[] {
    try {
      const label = this.dataset.label(index);
      return [...label.keys()].filter((c) => label[c]! > 0);
    } catch {
      // A test split.
      return [];
    }
  }

  /** @returns whether the split has an image of that number */
  has(index: number): boolean {
    return index < this.dataset.length;
  }

  /** @returns every image of the split */
  list(): readonly ListedImage[] {
    return Array.from({ length: this.dataset.length }, (_, index) => this.#listed(index));
  }

  #listed(index: number): ListedImage {
    return { index, name: this.dataset.name(index), classes: this.#labels(index) };
  }

  #sample(index: number): Promise<Sample> {
    // Weakly supervised data may have no masks.
    return this.#samples.get(
      index,
      () =>
        this.dataset.read(index, { mask: true })
          .catch(() => this.dataset.read(index, { mask: false })),
    );
  }

  /** @returns what there is of an image */
  async facts(index: number): Promise<ImageFacts> {
    const { image: { width, height }, mask } = await this.#sample(index);
    const listed = this.#listed(index);
    const maps = await Promise.all(
      this.split.sources.map(async (source, number) => {
        try {
          const map = await readMap(source, listed.name, this.#limits);
          if (!map) return undefined;
          const { width, height, cams } = map;
          return { source: number, width, height, ...cams && { classes: [...cams.keys()] } };
        } catch (error) {
          return { source: number, width: 0, height: 0, fault: messageOf(error) };
        }
      }),
    );
    const found = maps.filter((map) => map !== undefined);
    return { ...listed, width, height, truth: mask !== undefined, maps: found };
  }

  /** @returns the photograph, PNG */
  async photograph(index: number): Promise<Uint8Array> {
    const { image } = await this.#sample(index);
    return encodeRgbPng(image);
  }

  /** @returns the true mask as class numbers, PNG; nothing where there is none */
  async truth(index: number): Promise<Uint8Array | undefined> {
    const { mask } = await this.#sample(index);
    return mask && encodeNumbers(mask as Raster);
  }

  /** @returns what a stage made of an image, PNG as `encodeMap` writes; nothing where there is none */
  async map(index: number, source: number): Promise<Uint8Array | undefined> {
    const stage = this.split.sources[source];
    const map = stage && await readMap(stage, this.dataset.name(index), this.#limits);
    return map && encodeMap(map);
  }

  /**
   * Scores of what a stage made of the images: counting begins at the first call and goes on beside.
   *
   * @param source number of the stage
   * @param signal ends the counting
   * @param whole whether to wait for all of it
   * @returns scores so far; nothing where there is no such stage
   */
  async scores(
    source: number,
    signal: AbortSignal,
    whole: boolean,
  ): Promise<SplitScores | undefined> {
    const stage = this.split.sources[source];
    if (!stage) return undefined;
    let entry = this.#scorers.get(stage.stage);
    if (!entry) {
      const scorer = new SplitScorer(this.dataset, stage, this.#limits);
      // One at a time: training may run on the same machine.
      const before = Promise.all([...this.#scorers.values()].map(({ ended }) => ended));
      entry = { scorer, ended: before.then(() => scorer.run(signal)) };
      this.#scorers.set(stage.stage, entry);
    }
    if (whole) await entry.ended;
    return entry.scorer.scores();
  }
}

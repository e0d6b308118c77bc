import { type Dataset, messageOf } from "seamstress";
import { AlphaCounts, ALPHAS, imageIou } from "./alpha_counts.ts";
import { type ImageMap, type MapLimits, readMap, truthFor } from "./read_map.ts";
import type { Source } from "./sources.ts";

/** Scores of what a stage made of a split's images, as far as they are counted. */
export interface SplitScores {
  /** Images looked at, and how many there are. */
  readonly done: number;
  readonly total: number;
  /** Mean intersection over union of each image that has a map and truth, percent, at the stage's threshold. */
  readonly images: readonly { readonly index: number; readonly miou: number }[];
  /** The threshold that `images` are at; none for masks. */
  readonly alpha?: number;
  /** As {@linkcode AlphaCounts.cells} gives them. */
  readonly cells: readonly (readonly [number, number, readonly number[]])[];
  /** Why counting ended early, where it did. */
  readonly fault?: string;
}

/** Counts one image by its map. */
function countImage(classes: number, map: ImageMap, truth: Uint8Array): AlphaCounts {
  const counts = new AlphaCounts(classes);
  if (map.cams) counts.addCams(map.cams, truth);
  else counts.addMask(map.mask!, truth);
  return counts;
}

async function truthOf(dataset: Dataset, index: number) {
  return await dataset.readMask?.(index) ?? (await dataset.read(index, { mask: true })).mask;
}

/** Scores the images of a split one by one, beside other work. */
export class SplitScorer {
  readonly #counts: AlphaCounts;
  readonly #images: { index: number; miou: number }[] = [];
  #done = 0;
  #fault: string | undefined;

  /**
   * @param dataset the images
   * @param source the stage
   * @param limits what its maps may be
   */
  constructor(
    readonly dataset: Dataset,
    readonly source: Source,
    readonly limits: MapLimits,
  ) {
    this.#counts = new AlphaCounts(limits.classes);
  }

  /**
   * Scores every image; once.
   *
   * @param signal ends it early
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (let i = 0; i < this.dataset.length && !signal.aborted; i++) {
        await this.#score(i);
        this.#done = i + 1;
        // Others' requests are answered between two images.
        await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      this.#fault = messageOf(error);
    }
  }

  async #score(index: number): Promise<void> {
    const map = await readMap(this.source, this.dataset.name(index), this.limits);
    if (!map) return;
    const truth = await truthOf(this.dataset, index);
    if (!truth) throw new Error("the data set has no masks to compare with");
    const counts = countImage(this.limits.classes, map, truthFor(truth, map));
    this.#counts.add(counts);
    const miou = imageIou(counts.confusion(nearest(this.source.alpha)));
    if (miou !== undefined) this.#images.push({ index, miou });
  }

  /** @returns what is counted so far */
  scores(): SplitScores {
    const { kind, alpha } = this.source;
    return {
      done: this.#done,
      total: this.dataset.length,
      images: this.#images,
      ...kind === "cams" && { alpha },
      cells: this.#counts.cells(),
      ...this.#fault !== undefined && { fault: this.#fault },
    };
  }
}

/** Index of the threshold that is nearest. */
function nearest(alpha: number): number {
  return Math.min(Math.max(Math.round(alpha * 100), 0), ALPHAS.length - 1);
}

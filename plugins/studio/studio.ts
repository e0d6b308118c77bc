import type { PluginFactory } from "seamstress";
import { findRuns, type FoundRun } from "./find_runs.ts";
import { SplitImages } from "./images.ts";
import { readJournal } from "./journal.ts";
import { Kept } from "./kept.ts";
import { findNetworks, type FoundNetwork, readWeights } from "./networks.ts";
import { readRun, summarizeRun } from "./read_run.ts";
import { findSplits, type Split } from "./sources.ts";
import { findTrainings, type Training } from "./trainings.ts";

/** Something that a page asks for. */
export interface Resource {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** What a studio is made with. */
export interface StudioOptions {
  /** A run folder, or a folder that holds some. */
  readonly root: string;
  /** Makes data sets and networks. */
  readonly factory: PluginFactory;
  /** Ends what is counted in the background. */
  readonly signal: AbortSignal;
  /** Folder that keeps what takes long to make, for the next studio; where there is none, it is made each time. */
  readonly cache?: string;
  /** For a static copy: scores are waited for, these images alone are listed, and weights of networks are there or not. */
  readonly still?: {
    readonly images: (split: SplitImages) => readonly number[];
    readonly weights: boolean;
  };
}

/** Splits whose data sets stay open. */
const OPEN = 12;

/** Runs whose splits are remembered. */
const RUNS = 12;

/** Milliseconds for which what was read of run folders holds: pages ask for several files at once. */
const HOLDS = 1000;

const json = (value: unknown): Resource => ({
  type: "application/json",
  body: JSON.stringify(value),
});
const png = (body: Uint8Array | undefined): Resource | undefined =>
  body && { type: "image/png", body };

/** A place in the studio's data: what a path says, number by number. */
const SPLIT = /^splits\/(\d{1,4})\/(.+)$/;
const TRAINING = /^trainings\/(\d{1,4})\/(images\/.+)$/;
const IMAGE = /^images\/(\d{1,9})\/(.+)$/;
const WEIGHTS = /^networks\/(\d{1,4})\/weights\.safetensors$/;
const NUMBERED = /^(scores|map)-(\d{1,4})\.(json|png)$/;

/**
 * What pages show of run folders, as files by path:
 *
 * ```text
 * runs.json                                 every run
 * runs/ID/run.json                          recipe, manifest, stages, tables
 * runs/ID/journal.jsonl                     its log; `from` and `mark` give what came since
 * runs/ID/networks.json                     trained networks
 * runs/ID/networks/N/weights.safetensors    the weights of one
 * runs/ID/splits.json                       images, and the stages that made maps of them
 * runs/ID/splits/S/images.json              names and labels
 * runs/ID/splits/S/scores-K.json            what stage K's maps score
 * runs/ID/splits/S/images/I/image.json      sizes and classes; photo.png, truth.png, map-K.png
 * runs/ID/trainings.json                    trainings that stored CAMs of a few images while they went on, and of which steps
 * runs/ID/trainings/T/images/I/image.json   the same of such an image; map-K.png is of the K-th step
 * ```
 *
 * Paths name runs by ids and all else by numbers: no part of a path becomes part of a file's name.
 */
export class Studio {
  readonly #options: StudioOptions;
  readonly #runs = new Kept<string, readonly FoundRun[]>(1, HOLDS);
  readonly #splits = new Kept<string, readonly Split[]>(RUNS, HOLDS);
  readonly #networks = new Kept<string, readonly FoundNetwork[]>(RUNS, HOLDS);
  readonly #open = new Kept<string, SplitImages>(OPEN);

  /** @param options where runs are, and how data sets are made */
  constructor(options: StudioOptions) {
    this.#options = options;
  }

  /** Folder that keeps what takes long to make. */
  get cache(): string | undefined {
    return this.#options.cache;
  }

  /** @returns the run folders that there are now */
  runs(): Promise<readonly FoundRun[]> {
    const { root } = this.#options;
    return this.#runs.get(root, () => findRuns(root));
  }

  /**
   * Finds what a path names.
   *
   * @param path without a slash at its begin
   * @param query `from` and `mark` of the log
   * @returns the resource; `undefined` where there is none
   */
  async resource(
    path: string,
    query = new URLSearchParams(),
  ): Promise<Resource | undefined> {
    if (path === "runs.json") {
      const runs = await Promise.all((await this.runs()).map(summarizeRun));
      return json({ still: this.#options.still !== undefined, runs });
    }
    const [, id, rest] = path.match(/^runs\/([\w.-]+)\/(.+)$/) ?? [];
    const run = (await this.runs()).find((run) => run.id === id);
    if (!run || rest === undefined) return undefined;
    if (rest === "run.json") return json(await readRun(run));
    if (rest === "journal.jsonl") return this.#journal(run, query);
    if (rest === "splits.json") return json(await this.#listSplits(run));
    if (rest === "trainings.json") return json(await this.#listTrainings(run));
    const [, which, image] = rest.match(TRAINING) ?? [];
    if (image !== undefined) {
      const training = (await this.#trainingsOf(run))[Number(which)];
      return training && await this.#ofSplit(await this.#images(training.split), image);
    }
    if (rest === "networks.json") return json(await this.#listNetworks(run));
    const [, network] = rest.match(WEIGHTS) ?? [];
    if (network !== undefined) return await this.#weights(run, Number(network));
    const [, number, inside] = rest.match(SPLIT) ?? [];
    if (inside === undefined) return undefined;
    const split = (await this.#splitsOf(run))[Number(number)];
    return split && await this.#ofSplit(await this.#images(split), inside);
  }

  #journal({ folder }: FoundRun, query: URLSearchParams): Resource {
    const from = Number(query.get("from") ?? 0);
    const position = Number.isSafeInteger(from) && from > 0 ? from : 0;
    const { text, ...part } = readJournal(folder, position, query.get("mark") ?? "");
    // The first line tells the page where to go on; events have `event`.
    return { type: "application/jsonl", body: `${JSON.stringify(part)}\n${text}` };
  }

  #splitsOf(run: FoundRun): Promise<readonly Split[]> {
    return this.#splits.get(run.id, async () => findSplits(run.folder, await readRun(run)));
  }

  /** Read anew each time: a training replaces its CAMs as it goes on. */
  #trainingsOf(run: FoundRun): Promise<readonly Training[]> {
    return findTrainings(run.folder);
  }

  async #listTrainings(run: FoundRun): Promise<unknown> {
    return (await this.#trainingsOf(run)).map(({ split: { split }, ...training }) => ({
      ...training,
      split,
    }));
  }

  async #listSplits(run: FoundRun): Promise<unknown> {
    return (await this.#splitsOf(run)).map(({ split, dataset, sources }) => ({
      split,
      dataset: dataset.use,
      sources: sources.map(({ folder: _, made: __, ...source }) => source),
    }));
  }

  #networksOf(run: FoundRun): Promise<readonly FoundNetwork[]> {
    const { factory } = this.#options;
    return this.#networks.get(
      run.id,
      async () => await findNetworks(run.folder, await readRun(run), factory),
    );
  }

  async #listNetworks(run: FoundRun): Promise<unknown> {
    const found = await this.#networksOf(run);
    return {
      weights: this.#options.still?.weights ?? true,
      networks: found.map(({ network }) => network),
    };
  }

  async #weights(run: FoundRun, number: number): Promise<Resource | undefined> {
    const found = (await this.#networksOf(run))[number];
    return found && { type: "application/octet-stream", body: await readWeights(found) };
  }

  #images(split: Split): Promise<SplitImages> {
    const { factory } = this.#options;
    return this.#open.get(JSON.stringify(split), () => SplitImages.open(split, factory));
  }

  async #ofSplit(images: SplitImages, path: string): Promise<Resource | undefined> {
    const { still, signal } = this.#options;
    if (path === "images.json") {
      const all = images.list();
      const shown = still?.images(images);
      return json({
        classes: images.dataset.classes,
        total: all.length,
        images: shown ? shown.map((index) => all[index]) : all,
      });
    }
    const [, what, source, ending] = path.match(NUMBERED) ?? [];
    if (what === "scores" && ending === "json") {
      const scores = await images.scores(Number(source), signal, still !== undefined);
      return scores && json(scores);
    }
    const [, number, file] = path.match(IMAGE) ?? [];
    if (file === undefined || !images.has(Number(number))) return undefined;
    return await this.#ofImage(images, Number(number), file);
  }

  async #ofImage(
    images: SplitImages,
    index: number,
    file: string,
  ): Promise<Resource | undefined> {
    if (file === "image.json") return json(await images.facts(index));
    if (file === "photo.png") return png(await images.photograph(index));
    if (file === "truth.png") return png(await images.truth(index));
    const [, what, source, ending] = file.match(NUMBERED) ?? [];
    return what === "map" && ending === "png"
      ? png(await images.map(index, Number(source)))
      : undefined;
  }
}

import { folderOf, type PluginFactory, userError, writeAtomic } from "seamstress";
import { exampleImages } from "seamstress/wsss";
import type { SplitImages } from "./images.ts";
import { COMPUTE, NETWORK_MODULE, pageFile, pageFiles } from "./page_files.ts";
import { Studio, type StudioOptions } from "./studio.ts";

/** How to export. */
export interface ExportOptions {
  /** A run folder, or a folder that holds some. */
  readonly root: string;
  /** Where to write; new or empty. */
  readonly out: string;
  /** Images of each split, spread evenly. */
  readonly images: number;
  /** Whether to write the weights of networks, so that the copy computes by them too. */
  readonly weights: boolean;
  readonly factory: PluginFactory;
  readonly signal: AbortSignal;
  readonly cache?: StudioOptions["cache"];
  /** Called when it is known that there is something to write, before anything is written; what it throws ends the export. */
  readonly beforeWriting?: () => Promise<void>;
  /** Told what is done. */
  readonly note: (text: string) => void;
}

interface SplitFile {
  readonly sources: readonly { readonly stage: string }[];
}

interface NetworksFile {
  readonly networks: readonly { readonly fault?: string }[];
}

interface ImagesFile {
  readonly images: readonly { readonly index: number }[];
}

interface ImageFile {
  readonly truth: boolean;
  readonly maps: readonly { readonly source: number; readonly fault?: string }[];
}

async function refuseFull(out: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(out)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  if (names.length === 0) return;
  throw userError(
    new Deno.errors.AlreadyExists(
      `Cannot write the studio's pages to ${out}: the folder is not empty; name another with --out`,
    ),
  );
}

/** Writes a file, and makes the folders that it is in. */
async function writeFile(path: string, body: string | Uint8Array): Promise<void> {
  await Deno.mkdir(folderOf(path), { recursive: true });
  await writeAtomic(path, body);
}

/** Writes what a studio shows, path by path. */
class Writer {
  constructor(readonly studio: Studio, readonly out: string) {}

  /** Writes one resource. @returns what it holds, where it is JSON that was asked for as such */
  async write<T = unknown>(path: string): Promise<T> {
    const resource = await this.studio.resource(path);
    if (!resource) throw new Error(`Cannot export ${path}: there is none`);
    const { body, type } = resource;
    await writeFile(`${this.out}/data/${path}`, body);
    return (type === "application/json" ? JSON.parse(body as string) : undefined) as T;
  }

  async image(place: string): Promise<void> {
    const { truth, maps } = await this.write<ImageFile>(`${place}/image.json`);
    await this.write(`${place}/photo.png`);
    if (truth) await this.write(`${place}/truth.png`);
    for (const { source, fault } of maps) {
      if (fault === undefined) await this.write(`${place}/map-${source}.png`);
    }
  }

  /** CAMs that trainings stored while they went on. */
  async trainings(run: string): Promise<void> {
    const trainings = await this.write<readonly ImagesFile[]>(`${run}/trainings.json`);
    for (const [number, { images }] of trainings.entries()) {
      for (const { index } of images) {
        await this.image(`${run}/trainings/${number}/images/${index}`);
      }
    }
  }

  async networks(place: string, weights: boolean): Promise<void> {
    const { networks } = await this.write<NetworksFile>(`${place}/networks.json`);
    for (const [number, { fault }] of networks.entries()) {
      const wanted = weights && fault === undefined;
      if (wanted) await this.write(`${place}/networks/${number}/weights.safetensors`);
    }
  }

  async split(place: string, { sources }: SplitFile): Promise<void> {
    const { images } = await this.write<ImagesFile>(`${place}/images.json`);
    for (const number of sources.keys()) await this.write(`${place}/scores-${number}.json`);
    for (const { index } of images) await this.image(`${place}/images/${index}`);
  }
}

/** Copies the page's files; what computes by networks comes with the weights alone. */
async function copyPage(out: string, weights: boolean, cache?: string): Promise<void> {
  const names = [...pageFiles().keys(), NETWORK_MODULE];
  for (const name of names.filter((name) => weights || !name.startsWith(COMPUTE))) {
    await writeFile(`${out}/${name}`, (await pageFile(name, cache))!);
  }
}

/**
 * Writes what the studio shows of runs as a folder that any web server serves; images that cannot be read are noted and left out.
 *
 * @param options which runs, where to
 * @throws {Error} where there is no run, or the folder is not empty
 */
export async function exportStudio(options: ExportOptions): Promise<void> {
  const { root, out, images, weights, factory, signal, note, cache } = options;
  await refuseFull(out);
  const still = {
    images: ({ dataset }: SplitImages) => exampleImages(dataset.length, images),
    weights,
  };
  const studio = new Studio({ root, factory, signal, still });
  const runs = await studio.runs();
  if (runs.length === 0) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot export ${root}: it is no run folder and holds none (no recipe.yaml)`,
      ),
    );
  }
  await options.beforeWriting?.();
  const writer = new Writer(studio, out);
  await writer.write("runs.json");
  for (const { id, name } of runs) {
    note(`${name}: recipe, log, tables`);
    await writer.write(`runs/${id}/run.json`);
    await writer.write(`runs/${id}/journal.jsonl`);
    const readable = (written: Promise<void>, what = "") =>
      written.catch((error) => {
        if (!(error instanceof Error)) throw error;
        note(`${name}: ${what}left out from here on: ${error.message}`);
      });
    await readable(writer.networks(`runs/${id}`, weights), "networks are ");
    const splits = await writer.write<readonly SplitFile[]>(`runs/${id}/splits.json`);
    await readable(writer.trainings(`runs/${id}`));
    for (const [number, split] of splits.entries()) {
      note(`${name}: images and scores, ${number + 1} of ${splits.length}`);
      await readable(writer.split(`runs/${id}/splits/${number}`, split));
    }
  }
  // Last, so that a folder with an index is whole.
  await copyPage(out, weights, cache);
}

import type { Batch, Rows } from "../../../core/data/batch.ts";
import { assembleBatch } from "./assemble_batch.ts";
import { userError } from "../../../core/errors.ts";
import { Rng } from "../../../core/rng.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { SampleSource, type SourceOptions } from "./sample_source.ts";
import { WorkerPool } from "./worker_pool.ts";

/** What a loader reads, and with how many Workers. */
export interface LoaderOptions extends SourceOptions {
  /** Samples a batch, >= 1. */
  readonly batchSize: number;
  /** Threads beside this one; 0 makes samples in this one. Batches do not depend on it. */
  readonly workers: number;
  /** Rows of each batch to make, where other ranks make the rest; all unless told. */
  readonly rows?: Rows;
  /** Batches that Workers make ahead of the one asked for, 2 unless told; bounds memory. */
  readonly prefetch?: number;
}

const PREFETCH = 2;

/**
 * Training batches: seeded shuffle, seeded transforms, the incomplete last batch of an epoch dropped. The same seed gives the
 * same order and pixels, whatever the number of Workers and wherever an epoch is entered.
 */
export class Loader implements AsyncDisposable {
  /** Samples of the split. */
  readonly length: number;
  /** Full batches of an epoch. */
  readonly stepsPerEpoch: number;
  readonly #options: LoaderOptions;
  readonly #nameOf: (index: number) => string;
  readonly #make: (epoch: number, index: number) => Promise<Sample>;
  readonly #ahead: number;
  readonly #pool: WorkerPool | undefined;
  #closed = false;

  private constructor(options: LoaderOptions, source: SampleSource, pool: WorkerPool | undefined) {
    this.length = source.dataset.length;
    this.stepsPerEpoch = Math.floor(this.length / options.batchSize);
    this.#options = options;
    this.#pool = pool;
    this.#nameOf = (index) => source.dataset.name(index);
    this.#make = (epoch, index) => pool ? pool.request(epoch, index) : source.make(epoch, index);
    this.#ahead = pool ? options.prefetch ?? PREFETCH : 0;
  }

  /**
   * Opens the data set here, which finds errors early, and in every Worker.
   *
   * @param options what to read, batch size and number of Workers
   * @returns the loader; close it, or declare it with `await using`
   * @throws {RangeError} where the split has fewer samples than a batch
   */
  static async open(options: LoaderOptions): Promise<Loader> {
    const { batchSize, workers, prefetch = PREFETCH } = options;
    for (
      const [name, value, least] of [["batchSize", batchSize, 1], ["workers", workers, 0], [
        "prefetch",
        prefetch,
        0,
      ]] as const
    ) {
      if (!(Number.isInteger(value) && value >= least)) {
        throw new RangeError(
          `Cannot load with ${name} ${value}: it must be an integer >= ${least}`,
        );
      }
    }
    const source = await SampleSource.open(options);
    const { length } = source.dataset;
    if (length < batchSize) {
      throw userError(
        new RangeError(
          `Cannot make batches of ${batchSize}: split ${options.split} has ${length} images; ` +
            "use a smaller batch or a larger split",
        ),
      );
    }
    return new Loader(
      options,
      source,
      workers > 0 ? await WorkerPool.open(workers, options) : undefined,
    );
  }

  /**
   * The batches of an epoch. An error in a sample surfaces with its batch, and closes the loader.
   *
   * @param epoch from 0; each has its own order and draws
   * @param fromStep how many batches to skip, for resuming within an epoch
   * @returns batches in order
   * @throws {Error} naming the file where a sample cannot be created
   */
  async *batches(epoch: number, fromStep = 0): AsyncGenerator<Batch> {
    const { seed, stage, batchSize, rows = { from: 0, to: batchSize } } = this.#options;
    const order = Rng.of(seed, "shuffle", stage, epoch).permutation(this.length);
    const requested: { indices: readonly number[]; samples: readonly Promise<Sample>[] }[] = [];
    let next = fromStep;
    for (let step = fromStep; step < this.stepsPerEpoch; step++) {
      if (this.#closed) throw new Error("Cannot load batches: the loader is closed");
      for (; next < this.stepsPerEpoch && next <= step + this.#ahead; next++) {
        const indices = [...order.subarray(next * batchSize, (next + 1) * batchSize)];
        const samples = indices.slice(rows.from, rows.to).map((index) => this.#make(epoch, index));
        // A batch that is never asked for, because one before it failed, must not count as an unhandled error.
        for (const sample of samples) sample.catch(() => {});
        requested.push({ indices, samples });
      }
      const { indices, samples } = requested.shift()!;
      yield await this.#assemble(indices, samples);
    }
  }

  async #assemble(
    indices: readonly number[],
    promises: readonly Promise<Sample>[],
  ): Promise<Batch> {
    try {
      // In order, so that of two broken samples the same one is reported every time.
      const samples: Sample[] = [];
      for (const promise of promises) samples.push(await promise);
      const { rows } = this.#options;
      if (rows === undefined) return assembleBatch(indices, samples);
      const part = assembleBatch(indices.slice(rows.from, rows.to), samples);
      return { ...part, indices, names: indices.map(this.#nameOf), rows };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends every Worker. Batches under way are lost. */
  close(): Promise<void> {
    this.#closed = true;
    this.#pool?.close();
    return Promise.resolve();
  }

  /** Closes. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

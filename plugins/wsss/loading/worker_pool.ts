import { unpackError } from "../../formats/packed_error.ts";
import type { FromWorker, ToWorker } from "./loader_messages.ts";
import type { Sample } from "../../../core/data/sample.ts";
import type { SourceOptions } from "./sample_source.ts";

/** Workers that create training samples. */
export class WorkerPool {
  readonly #workers: readonly Worker[];
  readonly #opening: readonly PromiseWithResolvers<void>[];
  readonly #pending = new Map<number, PromiseWithResolvers<Sample>>();
  #requests = 0;
  #stopped: Error | undefined;

  private constructor(count: number) {
    this.#opening = Array.from({ length: count }, () => Promise.withResolvers<void>());
    this.#workers = this.#opening.map((opening, i) => {
      const url = new URL("./loader_worker.ts", import.meta.url);
      const worker = new Worker(url, { type: "module", name: `loader ${i + 1}` });
      worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data, opening);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#stop(new Error(`A data-loading Worker failed: ${event.message}`));
      };
      worker.onmessageerror = () => {
        this.#stop(new Error("A data-loading Worker sent what cannot be read"));
      };
      return worker;
    });
  }

  /**
   * Starts Workers, each with its own plugins, data set and transforms.
   *
   * @param count number of Workers, >= 1
   * @param options what they make
   * @returns the pool, when all are ready
   * @throws {Error} what the first of them to fail threw
   */
  static async open(count: number, options: SourceOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(count);
    try {
      for (const worker of pool.#workers) send(worker, { type: "open", options });
      await Promise.all(pool.#opening.map(({ promise }) => promise));
    } catch (error) {
      pool.close();
      throw error;
    }
    return pool;
  }

  #receive(message: FromWorker, opening: PromiseWithResolvers<void>): void {
    if (message.type === "ready") {
      opening.resolve();
    } else if (message.type === "error" && message.id === undefined) {
      opening.reject(unpackError(message.error));
    } else if (message.id !== undefined) {
      const request = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.type === "sample") request?.resolve(message.sample);
      else request?.reject(unpackError(message.error));
    }
  }

  /**
   * Requests a sample. Samples go to the Workers in turn, at once: a Worker's queue must not run dry while the main thread is
   * busy computing and cannot hand out work.
   *
   * @param epoch from 0
   * @param index place in the data set
   * @returns the sample, when it is ready
   */
  request(epoch: number, index: number): Promise<Sample> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const id = this.#requests++;
    const request = Promise.withResolvers<Sample>();
    this.#pending.set(id, request);
    send(this.#workers[id % this.#workers.length]!, { type: "make", id, epoch, index });
    return request.promise;
  }

  #stop(reason: Error): void {
    this.#stopped ??= reason;
    for (const worker of this.#workers) worker.terminate();
    for (const { reject } of [...this.#opening, ...this.#pending.values()]) reject(reason);
    this.#pending.clear();
  }

  /** Ends every Worker; requests that are still open are rejected. */
  close(): void {
    this.#stop(new Error("The loader was closed"));
  }
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

import { type Group, type JoinOptions, unpackError } from "seamstress";
import { Inbox } from "./inbox.ts";
import type { Call, FromRank, ToRank } from "./messages.ts";
import type { Wire } from "../wire.ts";
import { makeSharedMemory, SharedMemory } from "./shared_memory.ts";

/** The Workers of ranks 1, 2, …, and what became of them. */
class Others {
  readonly inboxes: readonly Inbox[];
  readonly memory: SharedMemory;
  readonly #workers: readonly Worker[];
  /** What the first that failed threw. */
  failure: { readonly error: unknown } | undefined;

  constructor(options: JoinOptions, size: number, readonly wire: Wire) {
    const memory = makeSharedMemory(size);
    this.memory = new SharedMemory(memory, 0, size);
    this.inboxes = Array.from({ length: size - 1 }, (_, i) => new Inbox(`rank ${i + 1}`));
    this.#workers = this.inboxes.map((inbox, i) => {
      const rank = i + 1;
      const worker = new Worker(new URL("./rank.ts", import.meta.url), {
        type: "module",
        name: `rank ${rank}`,
      });
      worker.onmessage = ({ data }: MessageEvent<FromRank>) => {
        if (data.type === "exchange") inbox.put(data);
        else this.fail(unpackError(data.error));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.fail(new Error(`Rank ${rank} failed: ${event.message}`));
      };
      worker.onmessageerror = () => this.fail(new Error(`Rank ${rank} sent what cannot be read`));
      send(worker, { type: "start", rank, size, options, memory, wire });
      return worker;
    });
  }

  /** Sends to ranks 1 to size - 1. */
  send(message: ToRank, size: number): void {
    if (this.failure) throw this.failure.error;
    for (const worker of this.#workers.slice(0, size - 1)) send(worker, message);
  }

  /** Ends all; who waits for one of them is told why. */
  fail(error: unknown): void {
    this.failure ??= { error };
    for (const worker of this.#workers) worker.terminate();
    for (const inbox of this.inboxes) inbox.fail(this.failure.error);
  }
}

/** A group as rank 0 sees it, which starts the others as Workers and hands on what they say. */
export class Hub implements Group {
  readonly rank = 0;
  readonly local = 0;
  readonly size: number;
  readonly localSize: number;
  readonly #others: Others;

  private constructor(others: Others, size: number) {
    this.size = this.localSize = size;
    this.#others = others;
  }

  /**
   * Starts the other ranks. They load while this one goes on.
   *
   * @param options what they run
   * @param size how many ranks, with this one
   * @param wire what gradients travel as
   * @returns the group
   */
  static start(options: JoinOptions, size: number, wire: Wire = "f32"): Hub {
    return new Hub(new Others(options, size, wire), size);
  }

  /** Waits for a value of each. */
  async #collect<T>(call: Call, value: T): Promise<readonly T[]> {
    const values = [value];
    for (const inbox of this.#others.inboxes.slice(0, this.size - 1)) {
      values.push(await inbox.next<T>(call));
    }
    return values;
  }

  async #exchange<T>(call: Call, value: T): Promise<readonly T[]> {
    const values = await this.#collect(call, value);
    this.#others.send({ type: "exchange", call, value: values }, this.size);
    return values;
  }

  async sum(data: Float32Array<ArrayBuffer>, exact?: number): Promise<void> {
    const lengths = await this.#collect("sum", data.length);
    const odd = lengths.findIndex((length) => length !== data.length);
    if (odd >= 0) {
      throw new Error(`Rank ${odd} adds up ${lengths[odd]} numbers, rank 0 ${data.length}`);
    }
    this.#others.send({ type: "exchange", call: "sum", value: null }, this.size);
    await this.#others.memory.sum(data, this.size, {
      wire: this.#others.wire,
      exact,
      look: async () => {
        // A rank that fails meanwhile says so by a message.
        await new Promise((resolve) => setTimeout(resolve));
        this.check();
      },
    });
  }

  gather<T>(value: T): Promise<readonly T[]> {
    return this.#exchange("gather", value);
  }

  broadcast<T>(value: T): Promise<T> {
    return Promise.try(() => {
      this.#others.send({ type: "exchange", call: "broadcast", value }, this.size);
      return value;
    });
  }

  async barrier(): Promise<void> {
    await this.#exchange("barrier", null);
  }

  tally(done: number): number {
    return this.#others.memory.tally(done, this.size);
  }

  check(): void {
    if (this.#others.failure) throw this.#others.failure.error;
  }

  part(size: number): Group {
    return new Hub(this.#others, size);
  }

  abort(error: unknown): void {
    this.#others.fail(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#others.fail(new Error("The group was closed"));
    return Promise.resolve();
  }
}

function send(worker: Worker, message: ToRank): void {
  worker.postMessage(message);
}

import { type Group, packError } from "seamstress";
import { Inbox } from "./inbox.ts";
import type { Call, FromRank, ToRank } from "./messages.ts";
import type { Wire } from "../wire.ts";
import { SharedMemory } from "./shared_memory.ts";

/** What the members of a process have in common. */
interface Place {
  readonly rank: number;
  readonly size: number;
  readonly inbox: Inbox;
  readonly memory: SharedMemory;
  readonly wire: Wire;
  /** Sends to rank 0. */
  send(message: FromRank): void;
}

/** A group as another rank than 0 sees it, within its Worker. */
export class Member implements Group {
  readonly rank: number;
  readonly size: number;
  readonly local: number;
  readonly localSize: number;
  readonly #place: Place;

  private constructor(place: Place, size: number) {
    this.rank = this.local = place.rank;
    this.size = this.localSize = size;
    this.#place = place;
  }

  /**
   * Joins.
   *
   * @param rank this one
   * @param size how many ranks there are
   * @param memory that they share
   * @param wire what gradients travel as
   * @param send sends to rank 0
   * @returns the group, and what takes rank 0's messages
   */
  static join(
    rank: number,
    size: number,
    memory: SharedArrayBuffer,
    wire: Wire,
    send: (message: FromRank) => void,
  ): { readonly group: Member; receive(message: ToRank): void } {
    const inbox = new Inbox("rank 0");
    const place = { rank, size, inbox, memory: new SharedMemory(memory, rank, size), wire, send };
    return {
      group: new Member(place, size),
      receive: (message) => {
        if (message.type === "exchange") inbox.put(message);
      },
    };
  }

  async #exchange<T>(call: Call, value: unknown): Promise<T> {
    this.#place.send({ type: "exchange", call, value });
    return await this.#place.inbox.next<T>(call);
  }

  async sum(data: Float32Array<ArrayBuffer>, exact?: number): Promise<void> {
    await this.#exchange("sum", data.length);
    const { memory, wire } = this.#place;
    await memory.sum(data, this.size, { wire, exact });
  }

  gather<T>(value: T): Promise<readonly T[]> {
    return this.#exchange("gather", value);
  }

  broadcast<T>(_value: T): Promise<T> {
    return this.#place.inbox.next("broadcast");
  }

  async barrier(): Promise<void> {
    await this.#exchange("barrier", null);
  }

  tally(done: number): number {
    return this.#place.memory.tally(done, this.size);
  }

  part(size: number): Group {
    return new Member(this.#place, size);
  }

  abort(error: unknown): void {
    this.#place.send({ type: "error", error: packError(error) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

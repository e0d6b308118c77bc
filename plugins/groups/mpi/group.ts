import { type Group, isUserError, messageOf } from "seamstress";
import { check, finish } from "./finish.ts";
import { TreeSum } from "./tree_sum.ts";
import { broadcastValue, gatherValues } from "./values.ts";
import type { World } from "./world.ts";

/** Exit code of a job that a rank ended. */
const FAILED = 1;

/** How long MPI_Abort may take before the process ends by itself, which ends the job as well, in milliseconds. */
const ABORT_PATIENCE = 5000;

/** The ranks of an MPI job. */
export class MpiGroup implements Group {
  readonly rank: number;
  readonly size: number;
  readonly local: number;
  readonly localSize: number;
  readonly #world: World;
  readonly #timeout: number;
  readonly #tree: TreeSum;
  /** The last call that was made: MPI has to see the same order of calls on every rank. */
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #ended = false;

  /**
   * @param world the ranks
   * @param timeout longest that this rank waits for others in one call, in seconds
   */
  constructor(world: World, timeout: number) {
    ({ rank: this.rank, size: this.size, local: this.local, localSize: this.localSize } = world);
    this.#world = world;
    this.#timeout = timeout;
    this.#tree = new TreeSum(world);
    globalThis.addEventListener("unload", this.#leave);
  }

  sum(data: Float32Array<ArrayBuffer>): Promise<void> {
    return this.#next("a sum", () => this.#tree.add(data));
  }

  gather<T>(value: T): Promise<readonly T[]> {
    return this.#next("values of all", () => gatherValues(this.#world, value));
  }

  broadcast<T>(value: T): Promise<T> {
    return this.#next("a value of rank 0", () => broadcastValue(this.#world, value));
  }

  barrier(): Promise<void> {
    const { calls, abi } = this.#world;
    return this.#next("all to arrive", () => finish("MPI_Barrier", calls.MPI_Barrier(abi.world)));
  }

  /** Says why on standard error, then ends every rank's process, this one included, with exit code 1. */
  async abort(error: unknown): Promise<never> {
    this.#ended = true;
    const { rank, size } = this;
    const text = isUserError(error) || !(error instanceof Error)
      ? messageOf(error)
      : error.stack ?? error.message;
    Deno.stderr.writeSync(
      new TextEncoder().encode(`rank ${rank} of ${size} ends the MPI job: ${text}\n`),
    );
    // In a thread: MPI_Abort itself may hang where ranks are on machines that are gone.
    void this.#world.calls.MPI_Abort(this.#world.abi.world, FAILED);
    await new Promise((resolve) => setTimeout(resolve, ABORT_PATIENCE));
    Deno.exit(FAILED);
  }

  /** Waits for all ranks, then ends MPI. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    await this.barrier();
    this.#finalize();
  }

  #finalize(): void {
    this.#ended = true;
    globalThis.removeEventListener("unload", this.#leave);
    check(this.#world.calls.MPI_Finalize(), "MPI_Finalize");
  }

  /** The process ends without having closed the group: a job's ranks end together, so one that failed ends the others. */
  readonly #leave = () => {
    if (this.#ended) return;
    if (Deno.exitCode === 0 && this.#pending === 0) this.#finalize();
    else {
      this.#ended = true;
      this.#world.calls.abortNow(this.#world.abi.world, Deno.exitCode || FAILED);
    }
  };

  /** @param what what it waits for, for the message */
  #next<T>(what: string, call: () => Promise<T>): Promise<T> {
    const next = this.#last.then(() => this.#within(what, call));
    this.#last = next.catch(() => {});
    return next;
  }

  async #within<T>(what: string, call: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      void this.abort(
        new Error(
          `waited ${this.#timeout} s for ${what}: another rank hangs, or works for longer than group.timeout allows`,
        ),
      );
    }, this.#timeout * 1000);
    this.#pending++;
    try {
      return await call();
    } finally {
      this.#pending--;
      clearTimeout(timer);
    }
  }
}

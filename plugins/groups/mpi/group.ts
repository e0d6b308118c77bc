import { type Group, isUserError, messageOf, userError } from "seamstress";
import type { Wire } from "../wire.ts";
import { check, finish } from "./finish.ts";
import { RankSum } from "./rank_sum.ts";
import { Signs } from "./signs.ts";
import { broadcastValue, gatherValues } from "./values.ts";
import type { World } from "./world.ts";

/** Exit code of a job that a rank ended. */
const FAILED = 1;

/** Milliseconds in which the launcher takes what a failing rank says. */
const SAYING_PATIENCE = 200;

/** How long a process that failed may take to end by itself before it is ended, which ends the job as well, in milliseconds. */
const ENDING_PATIENCE = 5000;

/** How often a rank looks whether what started it is still there, in milliseconds. */
const PARENT_EVERY = 1000;

/** The ranks of an MPI job. */
export class MpiGroup implements Group {
  readonly rank: number;
  readonly size: number;
  readonly local: number;
  readonly localSize: number;
  readonly #world: World;
  readonly #timeout: number;
  readonly #sum: RankSum;
  readonly #signs: Signs;
  /** The last call that was made: MPI has to see the same order of calls on every rank. */
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #ended = false;

  /**
   * @param world the ranks
   * @param timeout longest that this rank waits in one call for others of which no sign comes, in seconds
   * @param wire what gradients travel as
   */
  constructor(world: World, timeout: number, wire: Wire = "f32") {
    ({ rank: this.rank, size: this.size, local: this.local, localSize: this.localSize } = world);
    this.#world = world;
    this.#timeout = timeout;
    this.#sum = new RankSum(world, wire);
    this.#signs = new Signs(world, timeout);
    globalThis.addEventListener("unload", this.#leave);
    this.#watchParent();
  }

  sum(data: Float32Array<ArrayBuffer>, exact?: number): Promise<void> {
    return this.#next("a sum", () => this.#sum.add(data, exact));
  }

  gather<T>(value: T): Promise<readonly T[]> {
    return this.#next("values of all", async () => {
      const values = await gatherValues(this.#world, value);
      this.#signs.nextStretch();
      return values;
    });
  }

  broadcast<T>(value: T): Promise<T> {
    return this.#next("a value of rank 0", () => broadcastValue(this.#world, value));
  }

  barrier(): Promise<void> {
    const { calls, abi } = this.#world;
    return this.#next("all to arrive", () => finish("MPI_Barrier", calls.MPI_Barrier(abi.world)));
  }

  /**
   * Says how much of its work this rank has done, so that those that wait know that it goes on.
   *
   * @returns what all ranks have done since they last exchanged values, as far as they said
   */
  tally(done: number): number {
    return this.#signs.give(done);
  }

  /** Tells those that wait that this rank goes on. A rank that failed ends this process by itself. */
  check(): void {
    if (!this.#ended) this.#signs.give();
  }

  /**
   * Ends every rank's process. Rank 0, whose caller says what went wrong, is left to end by itself, with its exit code, and takes the
   * others with it; another says why on standard error and ends all at once, with exit code 1.
   */
  async abort(error: unknown): Promise<void> {
    this.#ended = true;
    if (this.rank === 0) Deno.unrefTimer(setTimeout(this.#abortNow, ENDING_PATIENCE));
    else await this.#end(error);
  }

  async #end(error: unknown): Promise<never> {
    this.#ended = true;
    globalThis.removeEventListener("unload", this.#leave);
    const text = isUserError(error) || !(error instanceof Error)
      ? messageOf(error)
      : error.stack ?? error.message;
    Deno.stderr.writeSync(
      new TextEncoder().encode(`rank ${this.rank} of ${this.size} ends the MPI job: ${text}\n`),
    );
    // MPICH's launcher loses what it was not yet given when a rank aborts.
    await new Promise((resolve) => setTimeout(resolve, SAYING_PATIENCE));
    // In a thread: MPI_Abort itself may hang where ranks are on machines that are gone.
    void this.#world.calls.MPI_Abort(this.#world.abi.world, FAILED);
    await new Promise((resolve) => setTimeout(resolve, ENDING_PATIENCE));
    Deno.exit(FAILED);
  }

  readonly #abortNow = () => {
    this.#world.calls.abortNow(this.#world.abi.world, Deno.exitCode || FAILED);
  };

  /** Waits for all ranks, then ends MPI. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    await this.#signs.settle();
    await this.barrier();
    // What the others sent before they came here.
    this.#signs.hear();
    this.#finalize();
  }

  #finalize(): void {
    this.#ended = true;
    globalThis.removeEventListener("unload", this.#leave);
    check(this.#world.calls.MPI_Finalize(), "MPI_Finalize");
  }

  /** The process ends without having closed the group: a job's ranks end together, so one that failed ends the others. */
  readonly #leave = () => {
    if (!this.#ended && Deno.exitCode === 0 && this.#pending === 0) {
      this.#finalize();
      return;
    }
    // As in #end: the launcher has to take what this rank said. The event loop is over: the thread itself waits.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SAYING_PATIENCE);
    this.#abortNow();
  };

  /** A killed `deno task` or `mpirun` takes its children with it on no system: without this they would wait for each other. */
  #watchParent(): void {
    const parent = Deno.ppid;
    const timer = setInterval(() => {
      if (this.#ended) clearInterval(timer);
      else if (Deno.ppid !== parent) {
        void this.#end(userError(new Error("the process that started it is gone")));
      }
    }, PARENT_EVERY);
    Deno.unrefTimer(timer);
  }

  /** @param what what it waits for, for the message */
  #next<T>(what: string, call: () => Promise<T>): Promise<T> {
    const next = this.#last.then(() => this.#within(what, call));
    this.#last = next.catch(() => {});
    return next;
  }

  async #within<T>(what: string, call: () => Promise<T>): Promise<T> {
    const patience = this.#timeout * 1000;
    const began = performance.now();
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      const left = Math.max(began, this.#signs.hear()) + patience - performance.now();
      if (left > 0) timer = setTimeout(look, left);
      else {
        void this.#end(
          userError(
            new Error(
              `waited ${this.#timeout} s for ${what} without a sign of the other ranks: one hangs, or needs longer than ` +
                "group.timeout for a single step or image",
            ),
          ),
        );
      }
    };
    timer = setTimeout(look, patience);
    this.#pending++;
    try {
      return await call();
    } finally {
      this.#pending--;
      clearTimeout(timer);
    }
  }
}

import { addRanks } from "../add_ranks.ts";

/** Numbers of a rank that are added up at a time: 4 MB. */
const CHUNK = 1 << 20;

/** Milliseconds that a rank waits for the others within a sum, where each only copies and adds. */
const PATIENCE = 60_000;

/** Places of the first numbers of the memory. */
const ARRIVED = 0, ROUND = 1, TALLIES = 2;

/** Bytes before the numbers that are added up: two counters and a tally a rank. */
function headerBytes(ranks: number): number {
  return 64 * Math.ceil(4 * (TALLIES + ranks) / 64);
}

/**
 * Makes the memory that ranks of one process share.
 *
 * @param ranks how many
 * @returns two chunks a rank, and counters
 */
export function makeSharedMemory(ranks: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes(ranks) + 2 * ranks * CHUNK * 4);
}

/** One rank's view of the memory that all share: sums and tallies. */
export class SharedMemory {
  readonly #counters: Int32Array<SharedArrayBuffer>;
  /** Two sets of a chunk for each rank: while one is read, the other is written. */
  readonly #chunks: readonly (readonly Float32Array<SharedArrayBuffer>[])[];

  /**
   * @param memory as {@linkcode makeSharedMemory} made it
   * @param rank whose view it is
   * @param ranks how many share it
   */
  constructor(memory: SharedArrayBuffer, readonly rank: number, readonly ranks: number) {
    this.#counters = new Int32Array(memory, 0, TALLIES + ranks);
    const chunk = (i: number) =>
      new Float32Array(memory, headerBytes(ranks) + 4 * i * CHUNK, CHUNK);
    this.#chunks = [0, 1].map((set) =>
      Array.from({ length: ranks }, (_, rank) => chunk(set * ranks + rank))
    );
  }

  /**
   * Adds up numbers over the first ranks, in place, in the order of a balanced tree. Every one of them has called it when one begins, and
   * blocks its thread until all are done.
   *
   * @param data the same length on every rank
   * @param ranks how many take part
   */
  sum(data: Float32Array<ArrayBuffer>, ranks: number): void {
    for (let from = 0, set = 0; from < data.length; from += CHUNK, set = 1 - set) {
      const part = data.subarray(from, from + CHUNK);
      const chunks = this.#chunks[set]!;
      chunks[this.rank]!.set(part);
      this.#meet(ranks);
      const share = Math.ceil(part.length / ranks);
      const [begin, end] = [this.rank, this.rank + 1].map((i) => Math.min(i * share, part.length));
      addRanks(chunks.slice(0, ranks).map((chunk) => chunk.subarray(begin, end)));
      this.#meet(ranks);
      part.set(chunks[0]!.subarray(0, part.length));
    }
  }

  /**
   * Notes how many items this rank has finished.
   *
   * @param done by this rank
   * @param ranks how many take part
   * @returns by all of them
   */
  tally(done: number, ranks: number): number {
    Atomics.store(this.#counters, TALLIES + this.rank, done);
    let sum = 0;
    for (let rank = 0; rank < ranks; rank++) sum += Atomics.load(this.#counters, TALLIES + rank);
    return sum;
  }

  /** Waits until so many ranks are here. */
  #meet(ranks: number): void {
    const round = Atomics.load(this.#counters, ROUND);
    if (Atomics.add(this.#counters, ARRIVED, 1) === ranks - 1) {
      Atomics.store(this.#counters, ARRIVED, 0);
      Atomics.add(this.#counters, ROUND, 1);
      Atomics.notify(this.#counters, ROUND);
      return;
    }
    while (Atomics.load(this.#counters, ROUND) === round) {
      if (Atomics.wait(this.#counters, ROUND, round, PATIENCE) === "timed-out") {
        throw new Error(`A rank did not come back from a sum within ${PATIENCE / 1000} s`);
      }
    }
  }
}

import { addPackedRanks, addRanks } from "../add_ranks.ts";
import { BLOCK, BLOCK_WORDS, pack, packedWords, unpack } from "../float16_blocks.ts";
import type { Wire } from "../wire.ts";

/** Numbers of a rank that are added up at a time: 4 MB. */
const CHUNK = 1 << 20;

/** Milliseconds that a rank waits for the others within a sum, where each only copies and adds. */
const PATIENCE = 60_000;

/** Milliseconds after which one that waits within a sum looks whether another failed. */
const LOOK_EVERY = 500;

/** Numbers that fit packed where {@linkcode CHUNK} do as they are. */
const PACKED = Math.floor(CHUNK / BLOCK_WORDS) * BLOCK;

type Chunk = Float32Array<SharedArrayBuffer>;

/** How numbers are added up. */
export interface Sum {
  /** What those from place `exact` on are rounded to on the way, before and after they are added up; float32 unless given. */
  readonly wire?: Wire;
  /** How many are never rounded; all unless given. */
  readonly exact?: number | undefined;
  /** Asked now and then by one that waits; throws where another rank failed. */
  readonly look?: () => void | Promise<void>;
}

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
  readonly #chunks: readonly (readonly Chunk[])[];

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
   * blocks its thread until all are done, but for a look at the others every half second.
   *
   * @param data the same length on every rank
   * @param ranks how many take part
   * @param how what travels in place of float32, see {@linkcode Sum}
   * @throws {Error} what `look` throws, or where a rank does not come back
   */
  async sum(data: Float32Array<ArrayBuffer>, ranks: number, how: Sum = {}): Promise<void> {
    const { wire = "f32", exact = data.length, look = () => {} } = how;
    const meet = () => this.#meet(ranks, look);
    const plain = wire === "f32" ? data.length : exact;
    let set = 0;
    for (let from = 0; from < plain; from += CHUNK, set = 1 - set) {
      const part = data.subarray(from, Math.min(from + CHUNK, plain));
      await this.#add(part, this.#chunks[set]!.slice(0, ranks), meet);
    }
    for (let from = plain; from < data.length; from += PACKED, set = 1 - set) {
      const part = data.subarray(from, from + PACKED);
      await this.#addPacked(part, this.#chunks[set]!.slice(0, ranks), meet);
    }
  }

  async #add(part: Float32Array<ArrayBuffer>, chunks: readonly Chunk[], meet: () => Promise<void>) {
    chunks[this.rank]!.set(part);
    await meet();
    const [begin, end] = this.#share(part.length, chunks.length);
    addRanks(chunks.map((chunk) => chunk.subarray(begin, end)));
    await meet();
    part.set(chunks[0]!.subarray(0, part.length));
  }

  async #addPacked(
    part: Float32Array<ArrayBuffer>,
    chunks: readonly Chunk[],
    meet: () => Promise<void>,
  ) {
    const words = packedWords(part.length);
    pack(part, chunks[this.rank]!.subarray(0, words));
    await meet();
    const [begin, end] = this.#share(words / BLOCK_WORDS, chunks.length);
    addPackedRanks(
      chunks.map((chunk) => chunk.subarray(begin * BLOCK_WORDS, end * BLOCK_WORDS)),
    );
    await meet();
    unpack(chunks[0]!.subarray(0, words), part);
  }

  /** Which of so many this rank adds up. */
  #share(count: number, ranks: number): readonly [number, number] {
    const each = Math.ceil(count / ranks);
    const at = (rank: number) => Math.min(rank * each, count);
    return [at(this.rank), at(this.rank + 1)];
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
  async #meet(ranks: number, look: () => void | Promise<void>): Promise<void> {
    const round = Atomics.load(this.#counters, ROUND);
    if (Atomics.add(this.#counters, ARRIVED, 1) === ranks - 1) {
      Atomics.store(this.#counters, ARRIVED, 0);
      Atomics.add(this.#counters, ROUND, 1);
      Atomics.notify(this.#counters, ROUND);
      return;
    }
    const began = performance.now();
    while (Atomics.load(this.#counters, ROUND) === round) {
      if (Atomics.wait(this.#counters, ROUND, round, LOOK_EVERY) !== "timed-out") continue;
      await look();
      if (performance.now() - began > PATIENCE) {
        throw new Error(`A rank did not come back from a sum within ${PATIENCE / 1000} s`);
      }
    }
  }
}

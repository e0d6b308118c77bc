import { addPackedRanks, addRanks } from "../add_ranks.ts";
import { BLOCK, BLOCK_WORDS, pack, packedWords, unpack } from "../float16_blocks.ts";
import type { Wire } from "../wire.ts";
import { finish } from "./finish.ts";
import type { World } from "./world.ts";

/**
 * Most bytes that ranks exchange at once. MPI libraries take memory of their own for larger messages and give it back each time: eight
 * times the processor time for 420 MB in one piece.
 */
const CHUNK_BYTES = 26e6;

/** Adds up the slice of a rank, of which every rank sent its own. Leaves the sum in the first. */
type Add = (ranks: readonly Float32Array[]) => void;

/** Adds up numbers over ranks; keeps its buffers from call to call. */
export class RankSum {
  readonly #world: World;
  readonly #wire: Wire;
  #received = new Float32Array(0);
  #sent = new Float32Array(0);

  /**
   * @param world the ranks
   * @param wire what numbers travel as
   */
  constructor(world: World, wire: Wire = "f32") {
    this.#world = world;
    this.#wire = wire;
  }

  /**
   * Adds up over ranks, elementwise and in place, by a binary tree over ranks: ((0+1)+(2+3))+((4+5)+…), the same bits on each. Every rank
   * adds up one slice of all and gives it to the others: as many bytes travel as in a ring.
   *
   * @param data as long on every rank
   * @param exact from which place on numbers may be rounded; none unless given
   */
  async add(data: Float32Array<ArrayBuffer>, exact: number = data.length): Promise<void> {
    const { size } = this.#world;
    if (size === 1) return;
    const plain = this.#wire === "f32" ? data.length : exact;
    const words = Math.max(1, Math.floor(CHUNK_BYTES / 4 / size)) * size;
    for (let at = 0; at < plain; at += words) {
      const chunk = data.subarray(at, Math.min(at + words, plain));
      if (chunk.length % size === 0) await this.#exchange(chunk, addRanks);
      else await this.#padAndExchange(chunk);
    }
    const numbers = Math.max(1, Math.floor(words / size / BLOCK_WORDS)) * size * BLOCK;
    for (let at = plain; at < data.length; at += numbers) {
      await this.#packAndExchange(data.subarray(at, at + numbers));
    }
  }

  /** What does not divide by the ranks ends in zeros. */
  async #padAndExchange(chunk: Float32Array<ArrayBuffer>): Promise<void> {
    const padded = this.#buffer(chunk.length, 1);
    padded.set(chunk);
    await this.#exchange(padded, addRanks);
    chunk.set(padded.subarray(0, chunk.length));
  }

  async #packAndExchange(chunk: Float32Array<ArrayBuffer>): Promise<void> {
    const words = packedWords(chunk.length);
    const packed = this.#buffer(words, BLOCK_WORDS);
    pack(chunk, packed.subarray(0, words));
    await this.#exchange(packed, addPackedRanks);
    unpack(packed.subarray(0, words), chunk);
  }

  /** What is sent: so many words, and zeros to the next multiple of a unit for each rank. */
  #buffer(words: number, unit: number): Float32Array<ArrayBuffer> {
    const each = unit * this.#world.size;
    const length = Math.ceil(words / each) * each;
    if (this.#sent.length < length) this.#sent = new Float32Array(length);
    const buffer = this.#sent.subarray(0, length);
    buffer.fill(0, words);
    return buffer;
  }

  /** @param data a multiple of the ranks long */
  async #exchange(data: Float32Array<ArrayBuffer>, add: Add): Promise<void> {
    const { calls, abi, size } = this.#world;
    const n = data.length / size;
    if (this.#received.length < data.length) this.#received = new Float32Array(data.length);
    const received = this.#received.subarray(0, data.length);
    await finish(
      "MPI_Alltoall",
      calls.MPI_Alltoall(data, n, abi.float, received, n, abi.float, abi.world),
      data,
      received,
    );
    add(slices(received, n));
    await finish(
      "MPI_Allgather",
      calls.MPI_Allgather(received, n, abi.float, data, n, abi.float, abi.world),
      received,
      data,
    );
  }
}

function slices(received: Float32Array, words: number): Float32Array[] {
  return Array.from(
    { length: received.length / words },
    (_, rank) => received.subarray(rank * words, (rank + 1) * words),
  );
}

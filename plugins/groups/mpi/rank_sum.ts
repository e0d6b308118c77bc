import { addRanks } from "../add_ranks.ts";
import { finish } from "./finish.ts";
import type { World } from "./world.ts";

/**
 * Most bytes that ranks exchange at once. MPI libraries take memory of their own for larger messages and give it back each time: eight
 * times the processor time for 420 MB in one piece.
 */
const CHUNK_BYTES = 26e6;

/** Adds up numbers over ranks; keeps its buffers from call to call. */
export class RankSum {
  readonly #world: World;
  #received = new Float32Array(0);
  #padded = new Float32Array(0);

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Adds up over ranks, elementwise and in place, by a binary tree over ranks: ((0+1)+(2+3))+((4+5)+…), the same bits on each. Every rank
   * adds up one slice of all and gives it to the others: as many bytes travel as in a ring.
   *
   * @param data as long on every rank
   */
  async add(data: Float32Array<ArrayBuffer>): Promise<void> {
    const { size } = this.#world;
    if (size === 1) return;
    const most = Math.max(1, Math.floor(CHUNK_BYTES / 4 / size)) * size;
    for (let at = 0; at < data.length; at += most) {
      const chunk = data.subarray(at, at + most);
      if (chunk.length % size === 0) await this.#exchange(chunk);
      else await this.#padAndExchange(chunk);
    }
  }

  /** What does not divide by the ranks ends in zeros. */
  async #padAndExchange(chunk: Float32Array<ArrayBuffer>): Promise<void> {
    const { size } = this.#world;
    const length = Math.ceil(chunk.length / size) * size;
    if (this.#padded.length < length) this.#padded = new Float32Array(length);
    const padded = this.#padded.subarray(0, length);
    padded.set(chunk);
    padded.fill(0, chunk.length);
    await this.#exchange(padded);
    chunk.set(padded.subarray(0, chunk.length));
  }

  /** @param data a multiple of the ranks long */
  async #exchange(data: Float32Array<ArrayBuffer>): Promise<void> {
    const { calls, abi, size } = this.#world;
    const n = data.length / size;
    if (this.#received.length < data.length) this.#received = new Float32Array(data.length);
    const received = this.#received;
    await finish(
      "MPI_Alltoall",
      calls.MPI_Alltoall(data, n, abi.float, received, n, abi.float, abi.world),
      data,
      received,
    );
    addRanks(
      Array.from({ length: size }, (_, rank) => received.subarray(rank * n, (rank + 1) * n)),
    );
    await finish(
      "MPI_Allgather",
      calls.MPI_Allgather(received, n, abi.float, data, n, abi.float, abi.world),
      received,
      data,
    );
  }
}

import { check, finish, int32 } from "./finish.ts";
import type { World } from "./world.ts";

/** Tag of these messages, which no others have. */
const TAG = 1;

/** Seconds between two counts for rank 0, which shows progress. */
const COUNT_EVERY = 1;

/** Bytes of a message: a stretch of work, and how much of it is done. */
const BYTES = 8;

/** What one rank tells another. */
interface Line {
  /** Kept until the message has left. */
  readonly message: Int32Array<ArrayBuffer>;
  /** Seconds between two messages. */
  readonly every: number;
  last: number;
  busy: boolean;
}

/**
 * Small messages by which ranks that work tell those that wait that they get on, and how far they are. They wait for nobody. Without
 * them a rank that waits could not tell long work from a hanging rank.
 */
export class Signs {
  readonly #world: World;
  readonly #lines: ReadonlyMap<number, Line>;
  readonly #counts: Int32Array;
  readonly #flag = int32(1);
  readonly #received = int32(2);
  readonly #sending = new Set<Promise<void>>();
  #stretch = 0;
  #heardAt = -Infinity;

  /**
   * Begins without any sign.
   *
   * @param world the ranks; where its MPI lets one thread at a time call it, no signs are given
   * @param patience seconds after which a rank without a sign is taken to hang
   */
  constructor(world: World, patience: number) {
    this.#world = world;
    const { rank, size, parallel } = world;
    const others = parallel
      ? Array.from({ length: size }, (_, i) => i).filter((i) => i !== rank)
      : [];
    this.#lines = new Map(others.map((other) => {
      const every = other === 0 ? Math.min(COUNT_EVERY, patience / 4) : patience / 4;
      return [other, { message: int32(2), every, last: -Infinity, busy: false }];
    }));
    this.#counts = new Int32Array(size);
  }

  /** Reads what has come. @returns when the last sign came, as `performance.now()`; `-Infinity` where none did */
  hear(): number {
    this.#receive();
    return this.#heardAt;
  }

  /** Begins another stretch of work, at the same place of the program on every rank: counts start from 0. */
  nextStretch(): void {
    this.#stretch++;
    this.#counts.fill(0);
  }

  /**
   * Tells the others that this rank got on.
   *
   * @param done how much of the present stretch it has done, where it counts
   * @returns what all ranks have done of it, as far as this one knows
   */
  give(done?: number): number {
    const { rank } = this.#world;
    if (done !== undefined) this.#counts[rank] = done;
    const now = performance.now();
    for (const [other, line] of this.#lines) {
      if (!line.busy && now - line.last >= line.every * 1000) this.#send(other, line, now);
    }
    this.#receive();
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Waits until what was sent has left. */
  async settle(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #send(other: number, line: Line, now: number): void {
    const { calls, abi, rank } = this.#world;
    line.last = now;
    line.busy = true;
    line.message.set([this.#stretch, this.#counts[rank]!]);
    // In a thread: a rank that is stopped does not take what is sent.
    const sent = finish(
      "MPI_Send",
      calls.MPI_Send(line.message, BYTES, abi.byte, other, TAG, abi.world),
      line.message,
    ).finally(() => {
      line.busy = false;
      this.#sending.delete(sent);
    });
    this.#sending.add(sent);
  }

  #receive(): void {
    for (const other of this.#lines.keys()) {
      while (this.#arrived(other)) {
        const { calls, abi } = this.#world;
        check(
          calls.MPI_Recv(this.#received, BYTES, abi.byte, other, TAG, abi.world, abi.noStatus),
          "MPI_Recv",
        );
        const [stretch, done] = this.#received;
        if (stretch === this.#stretch) this.#counts[other] = done!;
        this.#heardAt = performance.now();
      }
    }
  }

  #arrived(other: number): boolean {
    const { calls, abi } = this.#world;
    check(calls.MPI_Iprobe(other, TAG, abi.world, this.#flag, abi.noStatus), "MPI_Iprobe");
    return this.#flag[0] !== 0;
  }
}

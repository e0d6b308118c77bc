import type { StageContext } from "../../../core/contracts/stage.ts";

type Context = Pick<StageContext, "id" | "group" | "observers" | "shard" | "left">;

/** Where a part of so many begins, in items; the part after the last begins at their end. */
function boundOf(part: number, of: number, items: number): number {
  return Math.floor(part * items / of);
}

/**
 * Finds the shards that are to do images.
 *
 * @param indices of the images
 * @param of how many shards there are
 * @param total images of the stage
 * @returns numbers of shards, from 1, in order
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shardsOf } from "./image_share.ts";
 * assertEquals(shardsOf([0, 3, 9], 4, 10), [1, 2, 4]);
 * ```
 */
export function shardsOf(indices: readonly number[], of: number, total: number): readonly number[] {
  return Array.from({ length: of }, (_, at) => at + 1).filter((number) =>
    indices.some((i) => boundOf(number - 1, of, total) <= i && i < boundOf(number, of, total))
  );
}

/**
 * The images of a stage that one rank works on: consecutive ones of those that are to do, so that what ranks count of theirs, put
 * together by rank, is in the order of the images.
 */
export class ImageShare {
  readonly #context: Context;
  readonly #pending: () => Promise<readonly number[]>;
  readonly #all: number;
  readonly #todo: number;
  readonly #total: number;
  #done = 0;

  private constructor(
    context: Context,
    /** Indices, in order. */
    readonly indices: readonly number[],
    { pending, all, todo, total }: {
      readonly pending: () => Promise<readonly number[]>;
      readonly all: number;
      readonly todo: number;
      readonly total: number;
    },
  ) {
    this.#context = context;
    this.#pending = pending;
    this.#all = all;
    this.#todo = todo;
    this.#total = total;
  }

  /**
   * Shares images among the ranks that run a stage, and begins to tell its progress. Every rank calls it. Of a shard, its images alone
   * are shared: consecutive ones of all, whichever are done.
   *
   * @param context of the stage
   * @param all images of the stage
   * @param pending looks which of them are to do, all of them where not given; asked on rank 0 alone, before any rank begins, and of a
   *   shard once more in the end
   * @returns this rank's
   */
  static async open(
    context: Context,
    all: number,
    pending: () => Promise<readonly number[]> = () =>
      Promise.resolve(Array.from({ length: all }, (_, i) => i)),
  ): Promise<ImageShare> {
    const { group, shard: { number, of } = { number: 1, of: 1 } } = context;
    const first = boundOf(number - 1, of, all), end = boundOf(number, of, all);
    // The last stage's, before anyone counts this one's.
    group.tally?.(0);
    await group.barrier();
    const found = group.rank === 0 ? await pending() : [];
    const todo = await group.broadcast(found.filter((i) => first <= i && i < end));
    const bound = (rank: number) => boundOf(rank, group.size, todo.length);
    const own = todo.slice(bound(group.rank), bound(group.rank + 1));
    const total = end - first;
    const share = new ImageShare(context, own, { pending, all, todo: todo.length, total });
    await share.#tell(total - todo.length);
    return share;
  }

  /** Counts one of this rank's images as finished. */
  async finish(): Promise<void> {
    const { group } = this.#context;
    this.#done++;
    // Where ranks do not say how far they are, they are taken to be as far as this one.
    const done = group.tally?.(this.#done) ?? this.#done * group.size;
    await this.#tell(this.#total - this.#todo + Math.min(done, this.#todo));
  }

  /** Waits until every rank has finished its images. */
  async end(): Promise<void> {
    const { group, shard, left } = this.#context;
    await group.barrier();
    if (group.size > 1 && this.#todo > 0) await this.#tell(this.#total);
    // After the last of this shard's own files: of two that end at a time, one at least finds all.
    if (shard && group.rank === 0) left?.(await this.#pending(), this.#all);
  }

  async #tell(done: number): Promise<void> {
    const { id, observers } = this.#context;
    await observers.progress({ stage: id, done, total: this.#total, unit: "images" });
  }
}

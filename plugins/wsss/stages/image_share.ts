import type { StageContext } from "../../../core/contracts/stage.ts";

/**
 * The images of a stage that one rank works on: consecutive ones of those that are to do, so that what ranks count of theirs, put
 * together by rank, is in the order of the images.
 */
export class ImageShare {
  readonly #context: Pick<StageContext, "id" | "group" | "observers">;
  readonly #todo: number;
  readonly #total: number;
  #done = 0;

  private constructor(
    context: Pick<StageContext, "id" | "group" | "observers">,
    /** Indices, in order. */
    readonly indices: readonly number[],
    todo: number,
    total: number,
  ) {
    this.#context = context;
    this.#todo = todo;
    this.#total = total;
  }

  /**
   * Shares images among the ranks that run a stage, and begins to tell its progress. Every rank calls it.
   *
   * @param context of the stage
   * @param total images of the stage
   * @param pending looks which of them are to do; asked on rank 0 alone, before any rank begins
   * @returns this rank's
   */
  static async open(
    context: Pick<StageContext, "id" | "group" | "observers">,
    total: number,
    pending: () => Promise<readonly number[]>,
  ): Promise<ImageShare> {
    const { group } = context;
    // The last stage's, before anyone counts this one's.
    group.tally?.(0);
    await group.barrier();
    const todo = await group.broadcast(group.rank === 0 ? await pending() : []);
    const bound = (rank: number) => Math.floor(rank * todo.length / group.size);
    const own = todo.slice(bound(group.rank), bound(group.rank + 1));
    const share = new ImageShare(context, own, todo.length, total);
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
    const { group } = this.#context;
    await group.barrier();
    if (group.size > 1 && this.#todo > 0) await this.#tell(this.#total);
  }

  async #tell(done: number): Promise<void> {
    const { id, observers } = this.#context;
    await observers.progress({ stage: id, done, total: this.#total, unit: "images" });
  }
}

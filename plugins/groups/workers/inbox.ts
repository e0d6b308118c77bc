import type { Call, Exchange } from "./messages.ts";

/**
 * What one rank sent to another, in order of arrival, for one reader.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Inbox } from "./inbox.ts";
 * const inbox = new Inbox("rank 1");
 * inbox.put({ type: "exchange", call: "gather", value: 7 });
 * assertEquals(await inbox.next("gather"), 7);
 * ```
 */
export class Inbox {
  readonly #from: string;
  readonly #arrived: Exchange[] = [];
  #waiting: PromiseWithResolvers<Exchange> | undefined;
  #failure: unknown;

  /** @param from the sender, for messages */
  constructor(from: string) {
    this.#from = from;
  }

  /** Takes what arrived. */
  put(exchange: Exchange): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(exchange);
    else this.#arrived.push(exchange);
  }

  /** Rejects whoever waits, now and from now on. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  /**
   * Waits for the next value.
   *
   * @param call that the reader is in
   * @returns what was sent
   * @throws {Error} where the sender is in another call
   */
  async next<T>(call: Call): Promise<T> {
    if (this.#failure) throw (this.#failure as { error: unknown }).error;
    const found = this.#arrived.shift() ??
      await (this.#waiting = Promise.withResolvers<Exchange>()).promise;
    if (found.call === call) return found.value as T;
    throw new Error(`The ranks do not go together: ${this.#from} is in ${found.call}, not ${call}`);
  }
}

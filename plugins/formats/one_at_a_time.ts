/**
 * Creates a queue for work that must not overlap, such as a network that fills the device's memory.
 *
 * @returns a function that runs the given task when all earlier tasks have ended, and returns its result or rejects with its error
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oneAtATime } from "seamstress";
 * const queue = oneAtATime(), events: string[] = [];
 * const work = (name: string) =>
 *   queue(async () => {
 *     events.push(`${name} begins`);
 *     await Promise.resolve();
 *     events.push(`${name} ends`);
 *   });
 * await Promise.all([work("a"), work("b")]);
 * assertEquals(events, ["a begins", "a ends", "b begins", "b ends"]);
 * ```
 */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    // The caller of the failed task gets its error; the next task runs all the same.
    last = turn.catch(() => {});
    return turn;
  };
}

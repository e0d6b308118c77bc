/**
 * Processes items several at a time, started in order.
 *
 * @param items to work on
 * @param limit how many at a time, >= 1
 * @param work on one of them
 * @throws the first failure, when all that was under way has ended; nothing is started after it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inParallel } from "seamstress";
 * const squares: number[] = [];
 * await inParallel([1, 2, 3], 2, (n) => Promise.resolve(void squares.push(n * n)));
 * assertEquals(squares, [1, 4, 9]);
 * ```
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      try {
        await work(items[next++]!);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

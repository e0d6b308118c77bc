/**
 * Prefetches items, in order: files are read while the device computes.
 *
 * @param count number of items
 * @param depth maximum number of pending reads, >= 1
 * @param read reads item `i`
 * @returns the items in order; the first failed read ends the iteration with its error
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAhead } from "seamstress";
 * const read = (i: number) => Promise.resolve(i * i);
 * assertEquals(await Array.fromAsync(readAhead(4, 2, read)), [0, 1, 4, 9]);
 * ```
 */
export async function* readAhead<T>(
  count: number,
  depth: number,
  read: (index: number) => Promise<T>,
): AsyncGenerator<T, void, void> {
  const underWay: Promise<T>[] = [];
  for (let next = 0, done = 0; done < count; done++) {
    while (next < count && underWay.length < depth) {
      const item = read(next++);
      // The error is handled when the item is awaited; until then it must not count as an unhandled rejection.
      item.catch(() => {});
      underWay.push(item);
    }
    yield await underWay.shift()!;
  }
}

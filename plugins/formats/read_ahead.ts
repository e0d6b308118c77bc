/**
 * Prefetches items, in order: files are read while the device computes.
 *
 * @param count number of items
 * @param depth how many are under way at most, >= 1
 * @param read reads item `i`
 * @returns the items in order; the first failure ends it, with the error of that item
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
      // Seen when it is awaited; until then a failure must not end the process.
      item.catch(() => {});
      underWay.push(item);
    }
    yield await underWay.shift()!;
  }
}

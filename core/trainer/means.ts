import { own } from "../registry/own.ts";

/** Sum and count of each loss since its epoch began; plain JSON, kept in checkpoints. */
export type Sums = Readonly<Record<string, { readonly sum: number; readonly count: number }>>;

/**
 * Adds one step's losses.
 *
 * @param sums so far
 * @param losses by name; one that has not started is absent and does not count
 * @returns the new sums
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addLosses, means } from "./means.ts";
 * const sums = [{ er: 1 }, { er: 2, ecr: 5 }].reduce(addLosses, {});
 * assertEquals(means(sums), { er: 1.5, ecr: 5 });
 * ```
 */
export function addLosses(sums: Sums, losses: Readonly<Record<string, number>>): Sums {
  const added = { ...sums };
  for (const [name, value] of Object.entries(losses)) {
    const { sum = 0, count = 0 } = own(sums, name) ?? {};
    added[name] = { sum: sum + value, count: count + 1 };
  }
  return added;
}

/**
 * The mean of each loss over the steps that it counted in.
 *
 * @param sums as {@linkcode addLosses} gave them
 * @returns by name
 */
export function means(sums: Sums): Record<string, number> {
  return Object.fromEntries(
    Object.entries(sums).map(([name, { sum, count }]) => [name, sum / count]),
  );
}

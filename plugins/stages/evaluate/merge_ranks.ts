import type { Group } from "seamstress";

/** What a rank counted of its images: a `Score`, or the like. */
interface Counted {
  /** Plain JSON. */
  state?(): unknown;
  /** Counts what another rank counted. */
  merge?(state: unknown): void;
}

/**
 * Puts together, on rank 0, what ranks counted of their images. Every rank calls it.
 *
 * @param group the ranks
 * @param counted by this rank; each has `state` and `merge` where there are others
 * @returns whether this rank has what all counted
 */
export async function mergeRanks(group: Group, counted: readonly Counted[]): Promise<boolean> {
  if (group.size === 1) return true;
  const [, ...others] = await group.gather(counted.map((own) => own.state!()));
  if (group.rank > 0) return false;
  for (const other of others) {
    for (const [i, own] of counted.entries()) own.merge!(other[i]);
  }
  return true;
}

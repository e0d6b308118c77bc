import type { Stage, StagePlan } from "../../contracts/stage.ts";
import { userError } from "../../errors.ts";

/**
 * Finds how many ranks run a stage.
 *
 * @param stage that was checked
 * @param plan of it, with what it chose
 * @param most ranks that there are
 * @param fixed whether it has to share its work among all of them, where it can share it at all
 * @returns the count
 * @throws {RangeError} naming the counts that it can share its work among, or why there is one
 */
export async function countRanks(
  stage: Stage,
  plan: StagePlan,
  most: number,
  fixed: boolean,
): Promise<number> {
  const found = await stage.ranks?.(plan) ?? [1];
  const [allowed, alone] = typeof found === "object" && "alone" in found
    ? [[1], found.alone]
    : [found, "it cannot be shared"];
  if (allowed === "any" || allowed.includes(most)) return most;
  if (fixed && allowed.length > 0 && stage.ranks) {
    const problem = allowed.length === 1
      ? `${alone}; use one rank`
      : `it can be shared among ${allowed.join(" or ")}; use so many ranks`;
    throw userError(new RangeError(`Cannot plan stage ${plan.id} on ${most} ranks: ${problem}`));
  }
  return Math.max(1, ...allowed.filter((count) => count <= most));
}

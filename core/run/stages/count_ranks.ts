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
 * @throws {RangeError} naming the counts that it can share its work among
 */
export async function countRanks(
  stage: Stage,
  plan: StagePlan,
  most: number,
  fixed: boolean,
): Promise<number> {
  const allowed = await stage.ranks?.(plan) ?? [1];
  if (allowed === "any" || allowed.includes(most)) return most;
  if (fixed && allowed.length > 0 && stage.ranks) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${plan.id} on ${most} ranks: ${
          allowed.length === 1
            ? "it cannot be shared; use one rank"
            : `it can be shared among ${allowed.join(" or ")}; use so many ranks`
        }`,
      ),
    );
  }
  return Math.max(1, ...allowed.filter((count) => count <= most));
}

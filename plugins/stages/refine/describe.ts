import type { Use } from "seamstress";

/**
 * Says by which refinements scores were made, for the notes of tables.
 *
 * @param refinements in order, as a recipe names them
 * @returns their names and the options that are numbers, text or another stage's; those left to the machine say nothing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeRefinements } from "./describe.ts";
 * const chain = [{ use: "power-background", power: 6 }, { use: "none" }];
 * assertEquals(describeRefinements(chain), "power-background (power 6), none");
 * const following = [{ use: "power-background", alpha: { from: "score" } }];
 * assertEquals(describeRefinements(following), "power-background (alpha from score)");
 * ```
 */
export function describeRefinements(refinements: readonly Use<"refinement">[]): string {
  return refinements.map(({ use, ...options }) => {
    const told = Object.entries(options).flatMap(([key, value]) => {
      const text = spelled(value);
      return text === undefined ? [] : [`${key} ${text}`];
    });
    return told.length > 0 ? `${use} (${told.join(", ")})` : use;
  }).join(", ");
}

function spelled(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return value === "auto" ? undefined : value;
  const from = typeof value === "object" && value !== null && "from" in value && value.from;
  return typeof from === "string" ? `from ${from}` : undefined;
}

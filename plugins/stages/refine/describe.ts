import type { Use } from "../../../core/registry/plugin.ts";

/**
 * Says by which refinements scores were made, for the notes of tables.
 *
 * @param refinements in order, as a recipe names them
 * @returns their names and the options that are numbers or text; those left to the machine say nothing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeRefinements } from "./describe.ts";
 * const chain = [{ use: "power-background", power: 6 }, { use: "none" }];
 * assertEquals(describeRefinements(chain), "power-background (power 6), none");
 * ```
 */
export function describeRefinements(refinements: readonly Use<"refinement">[]): string {
  return refinements.map(({ use, ...options }) => {
    const told = Object.entries(options)
      .filter(([, value]) =>
        typeof value === "number" || typeof value === "string" && value !== "auto"
      )
      .map(([key, value]) => `${key} ${value}`);
    return told.length > 0 ? `${use} (${told.join(", ")})` : use;
  }).join(", ");
}

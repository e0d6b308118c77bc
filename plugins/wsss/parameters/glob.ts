/**
 * Tells whether a name matches one of several patterns, in which `*` stands for any text, dots included.
 *
 * @param name such as `features.0.0.weight`
 * @param globs such as `features.*`
 * @returns true where at least one matches the whole name
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { matchesAny } from "./glob.ts";
 * assert(matchesAny("features.0.0.weight", ["classifier.*", "features.*"]));
 * assert(!matchesAny("features_extra", ["features.*"]));
 * ```
 */
export function matchesAny(name: string, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    const pattern = glob.split("*").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`, "s").test(name);
  });
}

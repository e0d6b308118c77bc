/** What a recipe says of a parameter group, as far as it names it. */
interface Described {
  readonly name?: string;
  readonly match?: readonly string[];
  readonly role?: string;
  readonly pretrained?: boolean;
}

/**
 * Names an optimizer's parameter groups, for those who look at their learning rates: as its recipe describes them.
 *
 * @param optimizer its options, as a resolved recipe has them
 * @returns a name of each group, and behind them one of what no group matches
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupNames } from "seamstress/wsss";
 * const groups = [{ match: ["fc8.*"] }, { pretrained: true, role: "bias" }];
 * assertEquals(groupNames({ groups }), ["fc8.*", "biases, pretrained", "all others"]);
 * assertEquals(groupNames(undefined), ["all"]);
 * ```
 */
export function groupNames(optimizer: unknown): readonly string[] {
  const { groups } = (optimizer ?? {}) as { readonly groups?: readonly Described[] };
  const names = (Array.isArray(groups) ? groups : []).map((
    { name, match, role, pretrained }: Described,
  ) =>
    name ?? ([
      match?.join(" "),
      role && (role === "bias" ? "biases" : "weights"),
      pretrained === undefined ? undefined : pretrained ? "pretrained" : "new",
    ].filter(Boolean).join(", ") || "all")
  );
  return [...names, names.length > 0 ? "all others" : "all"];
}

/**
 * Names the learning rates that a training logs. Groups without parameters have no rate, so where some are missing they are numbered.
 *
 * @param names of groups, as {@linkcode groupNames} gives them
 * @param count of rates
 * @returns a name of each rate
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rateNames } from "seamstress/wsss";
 * assertEquals(rateNames(["new", "all others"], 2), ["new", "all others"]);
 * assertEquals(rateNames(["new", "all others"], 1), ["new"]);
 * assertEquals(rateNames(["a", "b", "c", "all others"], 2), ["group 1", "group 2"]);
 * ```
 */
export function rateNames(names: readonly string[], count: number): readonly string[] {
  // What no group matches may be nothing.
  if (count === names.length || count === names.length - 1) return names.slice(0, count);
  return Array.from({ length: count }, (_, g) => `group ${g + 1}`);
}

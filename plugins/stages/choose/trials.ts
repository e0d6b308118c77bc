import type { PluginFactory, Use } from "seamstress";
import { makeLinks, type RefinementLink } from "seamstress/wsss";

/** One setting of the options that are searched. */
export interface Trial {
  /** Value of each option, such as `power-background.power`. */
  readonly values: Readonly<Record<string, number>>;
  /** The refinements, in order; equal ones of several trials are one and the same. */
  readonly links: readonly RefinementLink[];
}

/** `power-background.power` → `power-background`, `power`. */
function parts(option: string): readonly [string, string] {
  const dot = option.indexOf(".");
  return [option.slice(0, Math.max(dot, 0)), option.slice(dot + 1)];
}

/**
 * Says what is wrong with the name of an option that is to be searched.
 *
 * @param option `REFINEMENT.OPTION`
 * @param chain names of the refinements
 * @returns the fault, or nothing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { optionFault } from "./trials.ts";
 * const chain = ["power-background", "dense-crf"];
 * assertEquals(optionFault("power-background.power", chain), undefined);
 * assertEquals(
 *   optionFault("random-walk.beta", chain),
 *   "expected REFINEMENT.OPTION of one of power-background, dense-crf, which stands once in refinements",
 * );
 * ```
 */
export function optionFault(option: string, chain: readonly string[]): string | undefined {
  const [refinement, name] = parts(option);
  const times = chain.filter((other) => other === refinement).length;
  if (name !== "" && times === 1) return undefined;
  return `expected REFINEMENT.OPTION of one of ${
    [...new Set(chain)].join(", ")
  }, which stands once in refinements`;
}

/** Every combination of the values, the last option's changing fastest. */
function combinations(
  values: Readonly<Record<string, readonly number[]>>,
): readonly Readonly<Record<string, number>>[] {
  return Object.entries(values).reduce<readonly Readonly<Record<string, number>>[]>(
    (found, [option, numbers]) =>
      found.flatMap((before) => numbers.map((number) => ({ ...before, [option]: number }))),
    [{}],
  );
}

/**
 * A chain with some of its options set.
 *
 * @param refinements as the recipe lists them
 * @param values by option, such as `power-background.power`
 * @returns the same chain with these values
 */
export function withValues(
  refinements: readonly Use<"refinement">[],
  values: Readonly<Record<string, number>>,
): readonly Use<"refinement">[] {
  return refinements.map((use) => {
    const own = Object.entries(values).flatMap(([option, value]): [string, number][] => {
      const [refinement, name] = parts(option);
      return refinement === use.use ? [[name, value]] : [];
    });
    return { ...use, ...Object.fromEntries(own) };
  });
}

/**
 * Makes the refinements of every combination of values.
 *
 * @param refinements as the recipe lists them
 * @param values of each option, at least one each
 * @param factory makes them
 * @returns trials, the last option's values changing fastest
 */
export async function makeTrials(
  refinements: readonly Use<"refinement">[],
  values: Readonly<Record<string, readonly number[]>>,
  factory: PluginFactory,
): Promise<readonly Trial[]> {
  const made = new Map<string, RefinementLink>();
  const link = async (use: Use<"refinement">) => {
    const key = JSON.stringify(use), known = made.get(key);
    if (known) return known;
    const [one] = await makeLinks([use], factory);
    made.set(key, one!);
    return one!;
  };
  const trials: Trial[] = [];
  for (const combination of combinations(values)) {
    const links: RefinementLink[] = [];
    for (const use of withValues(refinements, combination)) links.push(await link(use));
    trials.push({ values: combination, links });
  }
  return trials;
}

/**
 * The refinements of all trials.
 *
 * @param trials any
 * @returns each refinement once
 */
export function linksOf(trials: readonly Trial[]): readonly RefinementLink[] {
  return [...new Set(trials.flatMap(({ links }) => links))];
}

/** Options that name a run and change nothing of what it computes. */
const NAMES = ["name", "summary", "seed"];

/**
 * Every option by its path, such as `seam.optimizer.lr`; stages and losses by their ids and names.
 *
 * @param recipe resolved
 * @returns {Map<string, string>} values as JSON
 */
export function flatten(recipe, prefix = "", found = new Map()) {
  for (const [key, value] of Object.entries(recipe ?? {})) {
    const path = prefix + key;
    if (Array.isArray(value) && value.some((one) => typeof one === "object" && one !== null)) {
      value.forEach((one, i) => {
        const name = one?.id ?? one?.use ?? i;
        const twice = value.some((other, k) => k !== i && (other?.id ?? other?.use) === name);
        const label = prefix === "" && key === "stages"
          ? `${name}`
          : `${path}.${name}${twice ? `[${i}]` : ""}`;
        if (typeof one === "object" && one !== null) {
          const { id: _, ...rest } = one;
          flatten(rest, `${label}.`, found);
        } else found.set(label, JSON.stringify(one));
      });
    } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      flatten(value, `${path}.`, found);
    } else found.set(path, JSON.stringify(value));
  }
  return found;
}

/** Plugins of a recipe's stages, by id. */
function stagesOf(recipe) {
  return new Map((recipe?.stages ?? []).map(({ id, run }) => [id, run]));
}

/**
 * Options that are not the same in all; a stage that some do not have is one line, its plugin.
 *
 * @param recipes resolved
 * @returns {{path: string, values: (string | undefined)[]}[]} a value each
 */
export function differences(recipes) {
  const stages = recipes.map(stagesOf);
  const partial = new Set(
    stages.flatMap((own) => [...own.keys()]).filter((id) => !stages.every((own) => own.has(id))),
  );
  const flat = recipes.map((recipe) => flatten(recipe));
  const paths = [...new Set(flat.flatMap((options) => [...options.keys()]))]
    .filter((path) => ![...partial].some((id) => path.startsWith(`${id}.`)));
  return [
    ...paths.map((path) => ({ path, values: flat.map((options) => options.get(path)) }))
      .filter(({ values }) => new Set(values).size > 1),
    ...[...partial].map((id) => ({
      path: `stage ${id}`,
      values: stages.map((own) => own.get(id)),
    })),
  ];
}

/**
 * Tells runs that differ in their seed alone.
 *
 * @param recipe resolved
 * @returns {string} equal for these
 */
export function withoutSeed(recipe) {
  const options = flatten(recipe);
  for (const name of NAMES) options.delete(name);
  return JSON.stringify([...options].sort(([a], [b]) => a < b ? -1 : 1));
}

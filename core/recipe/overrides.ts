import { cut, userError } from "../errors.ts";
import { formatPath, type RecipePath, show } from "../registry/option_errors.ts";
import { didYouMean } from "../registry/suggest.ts";
import { parseYaml } from "./parse_yaml.ts";
import { recipeSchema } from "./schema.ts";

/** A recipe with overrides applied, and where they stand. */
export interface Overridden {
  readonly value: unknown;
  /** Paths that `--set` wrote; relative files there start from the working directory. */
  readonly paths: readonly RecipePath[];
}

type Node = Record<string, unknown> | unknown[];
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** `a.b[2].c` → `["a", "b", 2, "c"]`. */
function parseKey(key: string, setting: string): (string | number)[] {
  const parts = [...key.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    name ?? Number(index)
  );
  if (parts.length === 0 || formatPath(parts) !== key || parts.includes("__proto__")) {
    throw userError(
      new SyntaxError(
        `Cannot read --set ${cut(setting)}: the key must look like dataset.root or losses[3].ohem`,
      ),
    );
  }
  return parts;
}

const fieldsOf = (element: unknown): Readonly<Record<string, unknown>> =>
  isNode(element) && !Array.isArray(element) ? element : {};

/** An element's name: its `id`, `as` or `use`, or the element itself. */
function nameOf(element: unknown): unknown {
  const { id, as, use } = fieldsOf(element);
  return id ?? as ?? use ?? element;
}

/** Finds the index of a key in a list: an index, the name of an element, or else its `use`. */
function place(node: Node, key: string | number): string | number {
  if (!Array.isArray(node) || typeof key === "number") return key;
  const named = node.findIndex((element) => nameOf(element) === key);
  const index = named < 0 ? node.findIndex((element) => fieldsOf(element)["use"] === key) : named;
  return index >= 0 ? index : /^\d+$/.test(key) ? Number(key) : key;
}

/** Finds where a key applies: at the top, in the stage it names, or in every stage that has it. */
function places(recipe: Node, parts: (string | number)[], setting: string): (string | number)[][] {
  const [first] = parts;
  const top = Object.keys(recipeSchema.shape);
  if (top.includes(String(first))) return [parts];
  const stages = (recipe as Record<string, unknown>)["stages"];
  const list = Array.isArray(stages) ? stages.filter(isNode) as Record<string, unknown>[] : [];
  const named = list.findIndex((stage) => stage["id"] === first);
  if (named >= 0) return [["stages", named, ...parts.slice(1)]];
  const having = list.flatMap((stage, i) =>
    first !== undefined && Object.hasOwn(stage, first) ? [i] : []
  );
  if (having.length > 0) return having.map((i) => ["stages", i, ...parts]);
  const valid = [...top, ...list.map((stage) => String(stage["id"])), ...list.flatMap(Object.keys)];
  throw userError(
    new RangeError(
      `Cannot apply --set ${cut(setting)}: no key ${
        show(first)
      } at the recipe's top or in any stage` +
        `${didYouMean(String(first), valid)}; valid: ${[...new Set(valid)].join(", ")}`,
    ),
  );
}

/** How `--set` names a list's element: `[2] er`. */
function elementName(element: unknown, index: number): string {
  const name = nameOf(element);
  return typeof name === "string" ? `[${index}] ${name}` : `[${index}]`;
}

/** Sets one value; returns its path with list elements resolved to indices. */
function write(root: Node, path: (string | number)[], value: unknown, setting: string): RecipePath {
  const resolved: (string | number)[] = [];
  let node: Node = root;
  for (const [i, part] of path.entries()) {
    const key = place(node, part);
    if (Array.isArray(node) && (typeof key !== "number" || key > node.length)) {
      const problem = `${formatPath(resolved)} is a list without ${show(part)}`;
      const found = node.map(elementName).join(", ");
      throw userError(
        new RangeError(`Cannot apply --set ${cut(setting)}: ${problem}; it has ${found}`),
      );
    }
    resolved.push(key);
    const entries = node as Record<string | number, unknown>;
    // What every object inherits, such as `constructor`, is not in the recipe yet.
    if (!Object.hasOwn(entries, key)) entries[key] = undefined;
    if (i === path.length - 1) {
      if (key === "use" && entries[key] !== value) { for (const k in entries) delete entries[k]; }
      entries[key] = value;
      break;
    }
    // A plugin named by its bare name, such as `schedule: poly`, becomes { use: poly } to take an option.
    if (typeof entries[key] === "string") entries[key] = { use: entries[key] };
    if (!isNode(entries[key])) entries[key] = {};
    node = entries[key] as Node;
  }
  return resolved;
}

/**
 * Applies `--set key=value` to a parsed recipe. Keys start at the recipe's top (`dataset.root`), at a stage's id
 * (`seam.optimizer.lr`), or name an option of stages (`optimizer.lr`: every stage that has an optimizer). List elements are taken
 * by index (`losses.0`, `losses[0]`), `id`, `as` or plugin name (`losses.ecr`). `use` drops the options of what it replaces. Values are YAML.
 *
 * @param recipe parsed YAML; not changed
 * @param settings such as `optimizer.lr=0.005`
 * @returns the changed recipe; it is checked later like any other
 * @throws SyntaxError where a setting has no `=` or its value is no YAML, RangeError where a key has no place
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyOverrides } from "./overrides.ts";
 * const recipe = { seed: 1, stages: [{ id: "a", optimizer: { use: "sgd", lr: 1 } }] };
 * const { value } = applyOverrides(recipe, ["optimizer.lr=0.5"]);
 * assertEquals(value, { seed: 1, stages: [{ id: "a", optimizer: { use: "sgd", lr: 0.5 } }] });
 * ```
 */
export function applyOverrides(recipe: unknown, settings: readonly string[]): Overridden {
  if (!isNode(recipe) || settings.length === 0) return { value: recipe, paths: [] };
  const value = structuredClone(recipe);
  const paths: RecipePath[] = [];
  for (const setting of settings) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined || text === undefined) {
      throw userError(new SyntaxError(`Cannot read --set ${cut(setting)}: expected key=value`));
    }
    const parsed = parseYaml(text, `Cannot read --set ${cut(setting)}`);
    for (const path of places(value, parseKey(key, setting), setting)) {
      paths.push(write(value, path, parsed, setting));
    }
  }
  return { value, paths };
}

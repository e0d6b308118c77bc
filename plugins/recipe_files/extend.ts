import { messageOf, userError } from "../../core/errors.ts";
import { applyOverrides } from "../../core/recipe/overrides.ts";
import { folderOf, resolvePath } from "../../core/recipe/paths.ts";
import { nodeLimit } from "../../core/recipe/load.ts";
import { writtenOut } from "../../core/recipe/tree.ts";

/** Recipes that may stand on one another's shoulders: more is a circle. */
const DEEPEST = 16;

type Keys = Readonly<Record<string, unknown>>;

const isKeys = (value: unknown): value is Keys =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Makes the recipe that another recipe's file and a few changes say. `extends: full.yaml` names the other recipe, a file of the same
 * folder, so that relative paths mean the same; `set` changes its keys as `--set` does, `seam.head: { use: cam }`; other keys
 * stand in place of the other recipe's whole ones, as `name` does.
 *
 * @param written a recipe as it was written
 * @param file its file, absolute
 * @param read reads the other recipe, what that extends included
 * @param depth recipes that extend this one so far
 * @returns the recipe without `extends` and `set`; what was given where it has neither
 * @throws {TypeError} naming the file and the key: no such recipe, one of another folder, a circle, a key that the other has not
 */
export async function extended(
  written: unknown,
  file: string,
  read: (file: string, depth: number) => Promise<unknown>,
  depth = 0,
): Promise<unknown> {
  if (!isKeys(written) || !(Object.hasOwn(written, "extends") || Object.hasOwn(written, "set"))) {
    return written;
  }
  const { extends: other, set = {}, ...own } = written;
  const refuse = (problem: string) =>
    userError(new TypeError(`Cannot use recipe ${file}: ${problem}`));
  if (typeof other !== "string" || other === "") {
    throw refuse("extends: expected the file of another recipe of this folder, such as full.yaml");
  }
  if (!isKeys(set)) throw refuse("set: expected keys and values, such as { optimizer.lr: 0.01 }");
  const path = resolvePath(folderOf(file), other);
  if (folderOf(path) !== folderOf(file)) {
    throw refuse(`extends: ${other} is in another folder, where relative paths mean other files`);
  }
  if (depth >= DEEPEST) throw refuse(`extends: ${DEEPEST} recipes in a row, or a circle of them`);
  const base = await read(path, depth + 1);
  if (!isKeys(base)) throw refuse(`extends: ${other} has no keys`);
  const settings = Object.entries(set).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const what = `Cannot use recipe ${file}`;
  try {
    // Written out: a stage that an alias names is changed where the key says, not wherever it is named.
    const mine = { ...base, ...own };
    const apart = writtenOut(mine, nodeLimit(mine, []), what);
    return applyOverrides(apart, settings).value;
  } catch (error) {
    throw refuse(messageOf(error).replace("Cannot apply --set", "cannot set"));
  }
}

import { hashBytes, userError } from "seamstress";

/** A run folder. */
export interface FoundRun {
  /** Names it in addresses: letters, digits, `.`, `_` and `-` alone. */
  readonly id: string;
  /** Path from the folder that was searched, or the folder's own name where it is a run itself. */
  readonly name: string;
  readonly folder: string;
}

/** Folders within folders that are searched: `runs/SWEEP/SEED`, and one more. */
const DEPTH = 3;

/** By this file a run folder is recognised. */
const RECIPE = "recipe.yaml";

const PLAIN = /^\w[\w.-]*$/;

async function idOf(name: string): Promise<string> {
  if (PLAIN.test(name)) return name;
  const hash = await hashBytes(new TextEncoder().encode(name));
  // Not what a plain name could be: two names never share an id.
  return `-${name.replace(/[^\w.-]+/g, "-")}-${hash.slice(0, 12)}`;
}

async function isRun(folder: string): Promise<boolean> {
  return (await Deno.stat(`${folder}/${RECIPE}`).catch(() => undefined))?.isFile === true;
}

/** By name, numbers by their value: `seed=10` behind `seed=9`. */
const ORDER = new Intl.Collator("en", { numeric: true });

/** Names of folders in a folder, links to folders among them; none where it cannot be read, or went meanwhile. */
async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const names: string[] = [];
  for (const { name, isDirectory, isSymlink } of entries) {
    if (name.startsWith(".")) continue;
    const follows = isSymlink &&
      (await Deno.stat(`${folder}/${name}`).catch(() => undefined))?.isDirectory;
    if (isDirectory || follows) names.push(name);
  }
  return names.sort(ORDER.compare);
}

async function search(folder: string, prefix: string, depth: number): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  for (const entry of await foldersIn(folder)) {
    const name = prefix + entry, path = `${folder}/${entry}`;
    if (await isRun(path)) found.push({ id: await idOf(name), name, folder: path });
    else if (depth > 1) found.push(...await search(path, `${name}/`, depth - 1));
  }
  return found;
}

/**
 * Finds the run folders in a folder: those that hold a `recipe.yaml`, up to three folders deep; the folder itself where it is one.
 * What lies within a run is none.
 *
 * @param root the folder
 * @returns runs by name
 * @throws {Error} where there is no such folder
 */
export async function findRuns(root: string): Promise<readonly FoundRun[]> {
  const state = await Deno.stat(root).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (!state?.isDirectory) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot look for runs in ${root}: it is ${state ? "a file" : "not there"}; ` +
          "give a run folder, or a folder that holds run folders",
      ),
    );
  }
  if (!await isRun(root)) return await search(root, "", DEPTH);
  const name = (await Deno.realPath(root)).replace(/[/\\]+$/, "").split(/[/\\]/).at(-1) || "run";
  return [{ id: await idOf(name), name, folder: root }];
}

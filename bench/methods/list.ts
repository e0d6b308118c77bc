import { fromFileUrl, hashBytes, userError } from "seamstress";

/** Root of the repository. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A method that is measured. */
export interface Method {
  /** As its recipe is named. */
  readonly name: string;
  /** Path of the recipe from the root. */
  readonly recipe: string;
  /** What is of this method alone: folders and files, from the root. */
  readonly files: readonly string[];
  /** Epochs of stage `train`, in place of the recipe's. */
  readonly epochs: number;
  /** Hash of recipe, files and epochs: what was measured with another is measured again. */
  readonly source: string;
}

/**
 * Epochs of each training, of the 8 that recipes have: what fits 10 methods, 3 times each, into 25 minutes of two idle cores. Of a core,
 * the baseline's 8 took 43 s and SEAM's 87 s, and others stand between them or somewhat above.
 */
export const EPOCHS = 6;

/** What came with SEAM stands in the folders of the kinds. */
const CORE_METHODS: Readonly<Record<string, readonly string[]>> = {
  baseline: [
    "plugins/heads/cam.ts",
    "plugins/losses/classification.ts",
    "plugins/methods/classification_cam.ts",
  ],
  seam: [
    "plugins/heads/seam.ts",
    "plugins/losses/ecr.ts",
    "plugins/losses/er.ts",
    "plugins/losses/min_pooling.ts",
    "plugins/methods/seam.ts",
    "plugins/views/rescale.ts",
    "plugins/wsss/pcm",
  ],
};

/**
 * Finds the methods: baseline, SEAM, and recipes/mini/NAME.yaml wherever there is plugins/NAME/.
 *
 * @param root of the repository
 * @returns baseline and SEAM first, then by name
 * @throws {Error} a user error where a recipe lacks one of the stages `train`, `score` and `map`
 */
export async function findMethods(root: string = ROOT): Promise<readonly Method[]> {
  const recipes = await namesIn(root, "recipes/mini"),
    folders = await namesIn(root, "plugins");
  const others = recipes.filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .filter((name) => folders.includes(name.replaceAll("-", "_")));
  const found: Method[] = [];
  for (const name of [...Object.keys(CORE_METHODS), ...others.sort()]) {
    const recipe = `recipes/mini/${name}.yaml`;
    const files = CORE_METHODS[name] ?? [`plugins/${name.replaceAll("-", "_")}`];
    const text = await Deno.readTextFile(`${root}/${recipe}`);
    for (const id of ["train", "score", "map"]) {
      if (!new RegExp(`\\bid: ${id}\\b`).test(text)) {
        throw userError(
          new Error(
            `Cannot measure ${recipe}: it has no stage "${id}", by which methods are measured`,
          ),
        );
      }
    }
    const sources = await readSources(files, root);
    const all = [String(EPOCHS), text, ...sources.map(({ text }) => text)].join("\0");
    const source = await hashBytes(new TextEncoder().encode(all));
    found.push({ name, recipe, files, epochs: EPOCHS, source });
  }
  return found;
}

/** Reads the TypeScript files of folders and files, by path. */
export async function readSources(
  places: readonly string[],
  root: string = ROOT,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for (const place of places) {
    const { isDirectory } = await Deno.stat(`${root}/${place}`);
    if (isDirectory) {
      const names = await namesIn(root, place);
      found.push(...await readSources(names.map((name) => `${place}/${name}`), root));
    } else if (place.endsWith(".ts")) {
      found.push({ path: place, text: await Deno.readTextFile(`${root}/${place}`) });
    }
  }
  return found;
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(`${root}/${folder}`), ({ name }) => name)).sort();
}

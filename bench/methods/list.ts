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
  /** Id of the stage that scores the CAMs. */
  readonly score: string;
  /** Part of each training's epochs that is trained. */
  readonly share: number;
  /** Hash of recipe, files and share: what was measured with another is measured again. */
  readonly source: string;
}

/**
 * Part of each training's epochs that is trained, so that 10 methods, 3 times each, take 25 minutes or less of two idle cores. Whole,
 * the baseline took 43 s of a core, SEAM 87 s and PPC, the slowest, some 330 s, on a busy machine.
 */
export const SHARE = 0.75;

/** Stages that score CAMs, by preference; `map` scores the classifier where a recipe has it. */
const SCORES = ["score", "cam-score"];

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
 * @throws {Error} a user error where a recipe has no stage that scores its CAMs
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
    const has = (id: string) => new RegExp(`\\bid: ${id}\\b(?!-)`).test(text);
    const score = SCORES.find(has);
    if (score === undefined) {
      throw userError(
        new Error(
          `Cannot measure ${recipe}: it has no stage ${
            SCORES.join(" or ")
          }, by which methods are measured`,
        ),
      );
    }
    const sources = await readSources(files, root);
    const all = [String(SHARE), text, ...sources.map(({ text }) => text)].join("\0");
    const source = await hashBytes(new TextEncoder().encode(all));
    found.push({ name, recipe, files, score, share: SHARE, source });
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

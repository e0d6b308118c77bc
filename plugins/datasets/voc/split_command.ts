import { type CommandOutput, type Flags, messageOf, resolvePath, userError } from "seamstress";
import { chooseSplit, type Labelled, type SplitChoice } from "./choose_split.ts";
import { writeBelow } from "./command_options.ts";

/** Names of flags of `data split`. */
export const SPLIT_FLAGS = { text: ["val", "seed", "out"], on: ["stratify"] };

/** Help text of `data split`, of any data set. */
export const SPLIT_USAGE =
  `  deno task data split ROOT --val SHARE     lists train.txt and val.txt of all images; nothing is overwritten
    --val SHARE --seed N                     such as 0.2; the same seed gives the same lists, default 0
    --stratify                               each class has that share in val, as far as images of several allow
    --out FOLDER                             where the lists go; default: the data's folder of lists`;

/** What is split. */
export interface SplitSource {
  /** Folder of lists, absolute. */
  readonly lists: string;
  /** All images with the classes that they show; labels may be empty where `--stratify` is not given. */
  readonly images: readonly Labelled[];
  readonly classes: readonly string[];
  /** Whether a name with a space in it can be listed. */
  readonly spaces: boolean;
}

function choiceOf(given: Flags): SplitChoice {
  const val = given.text("val"), seed = given.text("seed") ?? "0";
  const share = val !== undefined && /^0?\.\d+$/.test(val) ? Number(val) : 0;
  if (!(share > 0)) {
    throw userError(
      new RangeError(
        `Cannot split data: ${
          val === undefined ? "--val is missing" : `--val is ${val}`
        }; expected a share between 0 and 1, such as --val 0.2`,
      ),
    );
  }
  if (!/^\d{1,9}$/.test(seed)) {
    throw userError(
      new RangeError(`Cannot split data: --seed is ${seed}, expected a whole number from 0`),
    );
  }
  return { share, seed: Number(seed), stratify: given.on("stratify") };
}

function refuseSpaces({ images, spaces }: SplitSource): void {
  const odd = spaces ? undefined : images.find(({ name }) => /\s/.test(name));
  if (odd === undefined) return;
  throw userError(
    new RangeError(
      `Cannot list image "${odd.name}": a name in a list of this data set ends at a space; rename the file`,
    ),
  );
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const there = await Deno.lstat(path).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw userError(new Error(`Cannot write ${path}: ${messageOf(error)}`, { cause: error }));
    });
    if (there === undefined) continue;
    throw userError(
      new Deno.errors.AlreadyExists(
        `Cannot write ${path}: it is there, and lists are not overwritten; remove it, or state --out FOLDER`,
      ),
    );
  }
}

/** A line for each class: how many images of it each list has. */
function summary(
  { images, classes }: SplitSource,
  lists: Readonly<Record<string, readonly string[]>>,
): string {
  const counted = Object.entries(lists).map(([name, members]) => {
    const inside = new Set(members);
    const here = images.filter((image) => inside.has(image.name));
    const ofClass = classes.map((each, c) =>
      `${each} ${here.filter(({ label }) => label[c] === 1).length}`
    );
    const labelled = images.some(({ label }) => label.length > 0);
    return `${name}: ${members.length} images${labelled ? `; ${ofClass.join(", ")}` : ""}`;
  });
  return counted.join("\n");
}

/**
 * Writes lists `train.txt` and `val.txt` of all images.
 *
 * @param given arguments, see {@linkcode SPLIT_USAGE}
 * @param open finds images, with labels where these are wanted
 * @param out where to write what was done
 * @returns the exit code, 0
 * @throws {Error} where an argument is wrong, a list is there already, or cannot be written
 */
export async function makeSplit(
  given: Flags,
  open: (labels: boolean) => Promise<SplitSource>,
  out: CommandOutput,
): Promise<number> {
  const choice = choiceOf(given);
  const source = await open(choice.stratify);
  refuseSpaces(source);
  const stated = given.text("out");
  const folder = stated === undefined ? source.lists : resolvePath(Deno.cwd(), stated);
  let lists;
  try {
    lists = chooseSplit(source.images, choice);
  } catch (error) {
    throw userError(new RangeError(`Cannot split data: ${messageOf(error)}`, { cause: error }));
  }
  const paths = Object.keys(lists).map((name) => `${folder}/${name}.txt`);
  await refuseExisting(paths);
  const instead = "state --out FOLDER, and name its lists as split: FOLDER/train.txt";
  for (const [i, names] of Object.values(lists).entries()) {
    await writeBelow(paths[i]!, async () => {
      await Deno.mkdir(folder, { recursive: true });
      const text = names.map((name) => `${name}\n`).join("");
      await Deno.writeTextFile(paths[i]!, text, { createNew: true });
    }, instead);
  }
  out.print(summary(source, lists));
  out.note(`Lists ${paths.join(", ")} written`);
  return 0;
}

import {
  type CommandOutput,
  type DataCommands,
  type Flags,
  flags,
  progressLine,
  resolvePath,
} from "seamstress";
import { checkImages } from "../voc/check/devkit.ts";
import { report } from "../voc/check/report.ts";
import { limitOf, namesOf, optionsFrom, rootOf, vocabularyOf } from "../voc/command_options.ts";
import { Listings } from "../voc/files.ts";
import { listNames } from "../voc/split.ts";
import { makeSplit, SPLIT_FLAGS, SPLIT_USAGE } from "../voc/split_command.ts";
import { ALL, type Devkit } from "../voc/splits.ts";
import { type OpenFolder, openFolder } from "./open.ts";
import { type FolderOptions, folderOptions } from "./options.ts";

const USAGE = `Images in one folder per class, or in one folder with a file of labels

  deno task data check ROOT [options]      decode every file: counts, sizes, classes, hash, faults
    --json                                   print JSON
${SPLIT_USAGE}
  both, as the options of data set folder:
    --labels folders|masks|FILE              default: folders
    --classes A,B,C, --vocabulary A,B,C      default: the class folders
    --images FOLDER, --masks FOLDER, --lists FOLDER, in ROOT
    --names file|path
    --pixels N                               most pixels of an image or mask; default 178956970`;

const TEXTS = ["labels", "classes", "vocabulary", "images", "masks", "lists", "names", "pixels"];

function optionsOf(given: Flags, command: string): FolderOptions {
  const texts = ["labels", "images", "masks", "lists", "names"];
  return optionsFrom(folderOptions, {
    ...Object.fromEntries(texts.map((name) => [name, given.text(name)])),
    root: rootOf(given, command),
    classes: namesOf(given, "classes"),
    vocabulary: vocabularyOf(given),
  }, command);
}

async function asDevkit(
  { root, pictures, samples }: OpenFolder,
  lists: string,
  files: Listings,
): Promise<Devkit> {
  const names = await listNames(resolvePath(root, lists), files);
  return {
    path: root,
    splits: names.length > 0 ? names : [ALL],
    read: (split) => samples(split === ALL ? "all" : split),
    all: () => Promise.resolve(pictures.map(({ name }) => name)),
  };
}

async function check(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, { text: TEXTS, on: ["json"] });
  const options = optionsOf(given, "check data");
  const limit = limitOf(given);
  const files = new Listings();
  const opened = await openFolder(options, Deno.cwd(), files);
  const result = await checkImages({
    devkit: await asDevkit(opened, options.lists, files),
    classes: opened.classes,
    limit,
    ...options.labels !== "masks" &&
      { labels: { from: options.labels, labeller: await opened.labeller(limit) } },
    progress: progressLine("images", out.progress),
  });
  return report(result, given, out);
}

async function split(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, { text: [...TEXTS, ...SPLIT_FLAGS.text], on: SPLIT_FLAGS.on });
  const options = optionsOf(given, "split data");
  return await makeSplit(given, async (wanted) => {
    const opened = await openFolder(options, Deno.cwd(), new Listings());
    const labeller = wanted ? await opened.labeller(limitOf(given)) : undefined;
    const all = await opened.samples("all");
    return {
      lists: resolvePath(opened.root, options.lists),
      classes: opened.classes.classes,
      images: all.map((each) => ({ name: each.name, label: labeller?.(each) ?? [] })),
      spaces: true,
    };
  }, out);
}

/** `data check` and `data split` for images in folders. */
export const folderCommands: DataCommands = { usage: USAGE, commands: { check, split } };

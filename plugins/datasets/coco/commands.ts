import {
  type CommandOutput,
  type DataCommands,
  DEFAULT_LIMITS,
  type Flags,
  flags,
  progressLine,
  resolvePath,
  userError,
} from "seamstress";
import { ALL_IMAGES } from "../voc/all_images.ts";
import { checkImages } from "../voc/check/devkit.ts";
import { report } from "../voc/check/report.ts";
import { ClassMap } from "../voc/classes.ts";
import { limitOf, namesOf, optionsFrom, rootOf } from "../voc/command_options.ts";
import { Listings } from "../voc/files.ts";
import type { Located } from "../voc/labels.ts";
import type { Indices } from "../voc/mask.ts";
import { listNames } from "../voc/split.ts";
import { makeSplit, SPLIT_FLAGS, SPLIT_USAGE } from "../voc/split_command.ts";
import { ALL } from "../voc/splits.ts";
import type { CocoDataset } from "./dataset.ts";
import { type OpenCoco, openCoco } from "./open.ts";
import { type CocoOptions, cocoOptions } from "./options.ts";

const PIXELS = DEFAULT_LIMITS.pixels;

const USAGE = `Images and objects in COCO's form

  deno task data check ROOT [options]      decode every image, make every mask: counts, sizes, classes, hash, faults
    --split NAME                             only this split (any number of times)
    --json                                   print JSON
${SPLIT_USAGE}
                                             needs --annotations FILE
  both, as the options of data set coco:
    --annotations FILE, --images FOLDER, --lists FOLDER, in ROOT
    --classes A,B,C                          default: all categories
    --overlaps smaller|first|last|ignore
    --pixels N                               most pixels of an image or mask; default ${PIXELS}`;

const TEXTS = ["annotations", "images", "classes", "overlaps", "lists", "pixels"];

function optionsOf(given: Flags, command: string): CocoOptions {
  const texts = ["annotations", "images", "overlaps", "lists"];
  return optionsFrom(cocoOptions, {
    ...Object.fromEntries(texts.map((name) => [name, given.text(name)])),
    root: rootOf(given, command),
    classes: namesOf(given, "classes"),
  }, command);
}

/** Splits to check: those named, else one per annotation file, or the lists of one. */
async function splitsOf(
  { root, annotations, lists }: CocoOptions,
  named: readonly string[],
  files: Listings,
): Promise<readonly string[]> {
  if (named.length > 0) return named;
  const top = resolvePath(Deno.cwd(), root);
  if (annotations.includes("{split}")) {
    const pattern = resolvePath(top, annotations);
    const [start = "", end = ""] = pattern.slice(pattern.lastIndexOf("/") + 1).split("{split}");
    const found = (await files.names(pattern.slice(0, pattern.lastIndexOf("/"))))
      .filter((name) => name.startsWith(start) && name.endsWith(end));
    if (found.length > 0) return found.map((name) => name.slice(start.length, -end.length));
    throw userError(
      new Deno.errors.NotFound(`Cannot find COCO annotations ${pattern}; state --annotations FILE`),
    );
  }
  const names = await listNames(resolvePath(top, lists), files);
  return names.length > 0 ? names : [ALL];
}

function openSplit(
  options: CocoOptions,
  name: string,
  limit: number,
  files: Listings,
): Promise<OpenCoco> {
  const split = name === ALL ? ALL_IMAGES : name;
  return openCoco(options, { split, base: Deno.cwd() }, limit, files);
}

async function check(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, { text: TEXTS, list: ["split"], on: ["json"] });
  const options = optionsOf(given, "check data");
  const limit = limitOf(given) ?? PIXELS;
  const files = new Listings();
  const splits = await splitsOf(options, given.list("split"), files);
  const opened = new Map<string, OpenCoco>();
  const places = new Map<string, readonly [CocoDataset, number]>();
  for (const split of splits) {
    const each = await openSplit(options, split, limit, files);
    opened.set(split, each);
    each.samples.forEach(({ image }, i) => places.set(image, [each.dataset, i]));
  }
  const { classes } = [...opened.values()][0]!.dataset;
  const placeOf = ({ image }: Located) => places.get(image)!;
  const result = await checkImages({
    devkit: {
      path: resolvePath(Deno.cwd(), options.root),
      splits,
      read: (split) => Promise.resolve(opened.get(split)!.samples),
      all: () =>
        Promise.resolve([...opened.values()].flatMap((each) => each.samples.map((s) => s.name))),
    },
    // Masks are made of the experiment's classes.
    classes: new ClassMap(classes, classes, "background"),
    limit,
    labels: {
      from: options.annotations,
      labeller: (located) => {
        const [dataset, i] = placeOf(located);
        return dataset.label(i);
      },
    },
    maskOf: async (located) => {
      const [dataset, i] = placeOf(located);
      return await dataset.readMask(i) as Indices;
    },
    progress: progressLine("images", out.progress),
  });
  return report(result, given, out);
}

async function split(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, { text: [...TEXTS, ...SPLIT_FLAGS.text], on: SPLIT_FLAGS.on });
  const options = optionsOf(given, "split data");
  if (options.annotations.includes("{split}")) {
    throw userError(
      new TypeError(
        "Cannot split data: state --annotations FILE, such as annotations/instances_train2017.json",
      ),
    );
  }
  return await makeSplit(given, async () => {
    const files = new Listings();
    const { dataset, samples } = await openSplit(options, ALL, limitOf(given) ?? PIXELS, files);
    return {
      lists: resolvePath(resolvePath(Deno.cwd(), options.root), options.lists),
      classes: dataset.classes,
      images: samples.map(({ name }, i) => ({ name, label: dataset.label(i) })),
      spaces: true,
    };
  }, out);
}

/** `data check` and `data split` for data in COCO's form. */
export const cocoCommands: DataCommands = { usage: USAGE, commands: { check, split } };

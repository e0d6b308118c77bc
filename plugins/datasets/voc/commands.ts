import {
  type CommandOutput,
  type DataCommands,
  type Flags,
  flags,
  progressLine,
  resolvePath,
  userError,
  writeAtomic,
} from "seamstress";
import { limitOf, namesOf, rootOf, vocabularyOf, writeBelow } from "./command_options.ts";
import { report } from "./check/report.ts";
import { makeSplit, SPLIT_FLAGS, SPLIT_USAGE } from "./split_command.ts";
import { checkDevkit, type CheckOptions } from "./check/devkit.ts";
import { ClassMap, VOC_CLASSES } from "./classes.ts";
import { findDevkit, findLabels, placesOf } from "./devkit.ts";
import { Listings } from "./files.ts";
import { formatLabels, makeLabels } from "./label_table.ts";
import { annotationLabels, type Labeller, maskLabels, tableLabels } from "./labels.ts";
import { ALL, type DevkitPlaces, LISTS, openDevkit } from "./splits.ts";

/** Help text of the commands. */
const USAGE = `Data in VOCdevkit layout

  deno task data check ROOT [options]      decode every file: counts, sizes, classes, hash, faults
    --labels FILE|xml                        image labels, .npy or .json; found beside the data where not given
    --json                                   print JSON
  deno task data labels ROOT --from WHAT   image labels as JSON, for labels: FILE.json of data set voc12
    --from masks|xml|FILE.csv                CSV with a header: image,classes or image,cat,dog
    --out FILE.json                          default: standard output
    --split NAME                             only images of this list (any number of times)
    --skip-difficult                         leave out objects that annotations mark difficult
${SPLIT_USAGE}
    --labels FILE|xml|masks                  what --stratify goes by; default: as for data check, else masks
  all:
    --classes A,B,C                          classes that count, as a recipe's; VOC's twenty where not given
    --vocabulary A,B,C                       all classes of the masks in the order of their values from 1, or voc;
                                             default: VOC's twenty where all classes have names of VOC, else the classes
    --lists FOLDER, --masks FOLDER           in ROOT; default ImageSets/Segmentation, SegmentationClass(Aug)
    --pixels N                               most pixels of an image or mask; default 178956970`;

const COMMON = ["classes", "vocabulary", "lists", "masks", "pixels"];

/** Options that both commands share. */
interface Common extends DevkitPlaces {
  readonly classes: ClassMap;
  readonly limit: number | undefined;
}

function commonOf(given: Flags, command: string): Common {
  return {
    root: rootOf(given, command),
    lists: given.text("lists"),
    masks: given.text("masks"),
    classes: ClassMap.of(namesOf(given, "classes") ?? VOC_CLASSES, vocabularyOf(given)),
    limit: limitOf(given),
  };
}

/** Image labels from the stated source, or else found next to the data. */
async function labelsFor(
  root: string,
  stated: string | undefined,
  classes: ClassMap,
): Promise<CheckOptions["labels"]> {
  const files = new Listings();
  const devkit = await findDevkit(root, files);
  const annotations = `${devkit}/Annotations`;
  if (stated === "xml" || stated === undefined) {
    const path = stated === undefined
      ? await files.first(
        ["cls_labels.npy", "labels.json"].flatMap((name) => placesOf(name, root, devkit)),
      )
      : undefined;
    if (path) return { from: path, labeller: await tableLabels(path, classes) };
    if (stated === undefined && (await files.names(annotations)).length === 0) return undefined;
    return { from: annotations, labeller: annotationLabels(annotations, true, classes) };
  }
  if (!/\.(npy|json)$/.test(stated)) {
    throw userError(
      new RangeError(
        `Cannot read labels ${stated}: expected xml, or a file ending in .npy or .json`,
      ),
    );
  }
  const path = await findLabels(stated, Deno.cwd(), root, devkit, files);
  return { from: path, labeller: await tableLabels(path, classes) };
}

async function check(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, { text: [...COMMON, "labels"], on: ["json"] });
  const common = commonOf(given, "check data");
  const labels = await labelsFor(common.root, given.text("labels"), common.classes);
  const result = await checkDevkit({
    ...common,
    ...labels && { labels },
    progress: progressLine("images", out.progress),
  });
  return report(result, given, out);
}

async function labels(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, {
    text: [...COMMON, "from", "out"],
    list: ["split"],
    on: ["skip-difficult"],
  });
  const common = commonOf(given, "make labels");
  const from = given.text("from");
  if (from === undefined || !/^(masks|xml|.*\.csv)$/.test(from)) {
    throw userError(
      new TypeError(
        `Cannot make labels: ${
          from === undefined ? "--from is missing" : `--from is ${from}`
        }; expected --from masks, --from xml, or --from FILE.csv`,
      ),
    );
  }
  const { labels, leftOut } = await makeLabels({
    ...common,
    from: from.endsWith(".csv") ? resolvePath(Deno.cwd(), from) : from,
    splits: given.list("split"),
    difficult: !given.on("skip-difficult"),
    progress: progressLine("images", out.progress),
  });
  const file = given.text("out");
  if (file === undefined) out.print(formatLabels(labels).trimEnd());
  else {
    const path = resolvePath(Deno.cwd(), file);
    const instead = "leave out --out and send standard output there: … > FILE.json";
    await writeBelow(path, () => writeAtomic(path, formatLabels(labels)), instead);
  }
  const bare = [...labels.values()].filter((names) => names.length === 0).length;
  out.note(
    [
      `${labels.size} images labelled${file === undefined ? "" : ` in ${file}`}`,
      ...bare > 0 ? [`${bare} of them without any class`] : [],
      ...leftOut.length > 0
        ? [`${leftOut.length} left out, which have no ${from === "xml" ? "annotation" : "mask"}`]
        : [],
    ].join("; "),
  );
  return 0;
}

/** The labels to stratify by: as stated, else found beside the data, else the masks'. */
async function labellerFor(common: Common, stated: string | undefined): Promise<Labeller> {
  const byMasks = maskLabels(common.classes, common.limit);
  if (stated === "masks") return byMasks;
  return (await labelsFor(common.root, stated, common.classes))?.labeller ?? byMasks;
}

async function split(args: readonly string[], out: CommandOutput): Promise<number> {
  const given = flags(args, {
    text: [...COMMON, "labels", ...SPLIT_FLAGS.text],
    on: SPLIT_FLAGS.on,
  });
  const common = commonOf(given, "split data");
  return await makeSplit(given, async (wanted) => {
    const devkit = await openDevkit(common, new Listings());
    const labeller = wanted ? await labellerFor(common, given.text("labels")) : undefined;
    const all = wanted
      ? await devkit.read(ALL)
      : (await devkit.all()).map((name) => ({ name, image: "" }));
    return {
      lists: resolvePath(devkit.path, common.lists ?? LISTS),
      classes: common.classes.classes,
      images: all.map((each) => ({ name: each.name, label: labeller?.(each) ?? [] })),
      spaces: false,
    };
  }, out);
}

/** `data check`, `data labels` and `data split` for data in VOCdevkit layout. */
export const vocCommands: DataCommands = { usage: USAGE, commands: { check, labels, split } };

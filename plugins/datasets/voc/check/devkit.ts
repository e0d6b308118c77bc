import { hashJson, isUserError, readAhead } from "seamstress";
import type { ClassMap } from "../classes.ts";
import { Listings } from "../files.ts";
import type { Labeller, Located } from "../labels.ts";
import type { Indices } from "../mask.ts";
import { officialCount } from "../official.ts";
import { orderRemark, truthProblem } from "../truth.ts";
import { ALL, type Devkit, type DevkitPlaces, openDevkit } from "../splits.ts";
import { checkSample, type Fault, readSample, type SampleCheck } from "./sample.ts";
import { type ClassCheck, type OtherPixels, Tally } from "./tally.ts";

/** Number of samples whose files are prefetched while one is decoded. */
const AHEAD = 8;

/** Contents of one split list. */
export interface SplitCheck {
  readonly name: string;
  readonly images: number;
  readonly masks: number;
  /** Absent where labels were not checked. */
  readonly labels?: number;
  /** Number of images in VOC 2012's official list of this name. */
  readonly official?: number;
  /** SHA-256 of names, images and masks, hex: equal for equal data. */
  readonly hash: string;
}

/** Contents of a devkit. */
export interface DataCheck {
  readonly devkit: string;
  readonly splits: readonly SplitCheck[];
  /** Distinct images in all lists. */
  readonly images: number;
  /** Images that are in no list. */
  readonly unlisted: number;
  /** Images with an EXIF orientation that viewers apply and this program does not. */
  readonly turned: number;
  /** Images whose files have defects that do not affect the pixels, such as stray bytes. */
  readonly remarked: number;
  /** Shortest and longest side of any image. */
  readonly sides?: readonly [number, number];
  readonly classes: readonly ClassCheck[];
  readonly pixels: OtherPixels;
  /** Absent where labels were not checked. */
  readonly labels?: {
    readonly from: string;
    /** Images with label and mask. */
    readonly compared: number;
    /** Those of them whose mask and label disagree on the classes. */
    readonly different: number;
  };
  /** The rule by which mask values were mapped to classes, where another rule would also fit. */
  readonly order?: string;
  readonly faults: readonly Fault[];
}

/** What to check. */
export interface CheckOptions {
  /** Images and lists. */
  readonly devkit: Devkit;
  readonly classes: ClassMap;
  /** Maximum number of pixels of an image or mask; a recipe's default where not given. */
  readonly limit?: number | undefined;
  /** Image labels and their source. */
  readonly labels?: { readonly from: string; readonly labeller: Labeller };
  /** Makes a sample's mask, of data whose masks are in no files. */
  readonly maskOf?: (located: Located) => Promise<Indices>;
  /** Called after each image. */
  readonly progress?: (done: number, total: number) => void;
}

type Lists = ReadonlyMap<string, readonly Located[]>;

/** Result of checking one sample. */
interface Found {
  readonly check: SampleCheck;
  /** Whether it has a label of any class. */
  readonly labelled: boolean;
  /** Why it has no label, where one was expected. */
  readonly unlabelled?: Fault;
}

const keyOf = ({ image, mask }: Located) => `${image}\n${mask ?? ""}`;

/** Reads every list; a list that cannot be read is recorded as a fault. */
async function readLists(devkit: Devkit, faults: Fault[]): Promise<Lists> {
  const lists = new Map<string, readonly Located[]>();
  for (const split of devkit.splits) {
    try {
      lists.set(split, await devkit.read(split));
    } catch (error) {
      if (!isUserError(error) || split === ALL) throw error;
      faults.push({ file: `${split}.txt`, fault: error.message });
    }
  }
  return lists;
}

/** A sample's label by class, or why it has none. */
function labelOf(labeller: Labeller, sample: Located): Float32Array | Fault {
  try {
    return labeller(sample);
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { file: sample.image, fault: error.message };
  }
}

/**
 * Summarises a list. A list without any masks or labels, such as VOC's test, is valid; a list with only some of them is a
 * fault.
 */
async function checkSplit(
  list: readonly Located[],
  found: ReadonlyMap<string, Found>,
  faults: Fault[],
): Promise<Pick<SplitCheck, "images" | "masks" | "hash"> & { readonly labels: number }> {
  const rows = list.map((sample) => ({ sample, ...found.get(keyOf(sample))! }));
  const unmasked = rows.filter(({ sample, check }) =>
    sample.mask === undefined && check.histogram === undefined
  );
  const unlabelled = rows.flatMap((row) => row.unlabelled ?? []);
  if (unmasked.length < list.length) {
    const fault = "It has no mask";
    faults.push(...unmasked.map(({ sample }) => ({ file: sample.image, fault })));
  }
  if (unlabelled.length < list.length) faults.push(...unlabelled);
  return {
    images: list.length,
    masks: list.length - unmasked.length,
    labels: list.length - unlabelled.length,
    hash: await hashJson(
      rows.map(({ sample, check }) => [sample.name, check.imageHash, check.maskHash]),
    ),
  };
}

/** Number of pixels by mask value, over all masks. */
function heldIn(rows: readonly Found[]): Float64Array {
  const held = new Float64Array(256);
  for (const { check } of rows) check.histogram?.forEach((count, value) => held[value]! += count);
  return held;
}

/** Faults of a list as a whole, which valid files may still have: see {@linkcode truthProblem}. */
function meaningless(
  devkit: Devkit,
  split: string,
  list: readonly Located[],
  found: ReadonlyMap<string, Found>,
  classes: ClassMap,
  labelsGiven: boolean,
): Fault[] {
  const rows = list.map((sample) => found.get(keyOf(sample))!);
  const masked = rows.some(({ check }) => check.histogram);
  const problem = masked ? truthProblem(heldIn(rows), classes) : undefined;
  const bare = labelsGiven && rows.some(({ unlabelled }) => !unlabelled) &&
    rows.every(({ labelled }) => !labelled);
  const file = split === ALL ? devkit.path : `${split}.txt`;
  return [
    ...problem === undefined ? [] : [{ file, fault: `Cannot use it: ${problem}` }],
    ...bare
      ? [{
        file,
        fault: `None of its images has a label of any class: ${classes.classes.join(", ")}`,
      }]
      : [],
  ];
}

/** Images that are both in a training list and in an evaluation list. */
function leaks(lists: Lists): Fault[] {
  const names = (split: string) => new Set((lists.get(split) ?? []).map(({ name }) => name));
  return ["train", "trainaug", "train_aug"].flatMap((training) =>
    ["val", "test"].flatMap((scoring) => {
      const shared = names(training).intersection(names(scoring));
      const [first] = shared;
      if (first === undefined) return [];
      const fault = `${shared.size} of its images are also in ${training}, such as ${first}`;
      return [{ file: `${scoring}.txt`, fault }];
    })
  );
}

/**
 * Checks every file of a devkit; see {@linkcode checkImages}.
 *
 * @param options what to check, and where the devkit is
 * @returns the contents, and every fault
 * @throws {Deno.errors.NotFound} where there is no devkit
 */
export async function checkDevkit(
  options: Omit<CheckOptions, "devkit"> & DevkitPlaces,
): Promise<DataCheck> {
  return await checkImages({ ...options, devkit: await openDevkit(options, new Listings()) });
}

/**
 * Checks every file of a data set: decodes images and masks, compares sizes, counts classes.
 *
 * @param options what to check
 * @returns the contents, and every fault
 * @throws {Deno.errors.NotFound} where there is no image
 */
export async function checkImages(options: CheckOptions): Promise<DataCheck> {
  const { devkit, classes, labels, progress } = options;
  const faults: Fault[] = [];
  const lists = await readLists(devkit, faults);
  const listed = [...lists.values()].flat();
  const samples = [...new Map(listed.map((each) => [keyOf(each), each])).values()];
  const tally = new Tally(classes);
  const found = new Map<string, Found>();
  const read = (i: number) => readSample(samples[i]!);
  for await (const bytes of readAhead(samples.length, AHEAD, read)) {
    const check = await checkSample(bytes, classes, options.limit, options.maskOf);
    const label = labels && labelOf(labels.labeller, bytes.located);
    const missing = label && "fault" in label ? label : undefined;
    tally.add(check, missing ? undefined : label as Float32Array | undefined);
    faults.push(...check.faults);
    const labelled = label !== undefined && !missing &&
      (label as Float32Array).some((value) => value > 0);
    found.set(keyOf(bytes.located), { check, labelled, ...missing && { unlabelled: missing } });
    progress?.(found.size, samples.length);
  }
  const splits: SplitCheck[] = [];
  for (const [name, list] of lists) {
    const { labels: labelled, ...split } = await checkSplit(list, found, faults);
    faults.push(...meaningless(devkit, name, list, found, classes, labels !== undefined));
    const official = officialCount(devkit.path, name);
    splits.push({
      name,
      ...split,
      ...labels && { labels: labelled },
      ...official !== undefined && { official },
    });
  }
  if (labels && splits.every((split) => split.labels === 0)) {
    // No list has any label, so the labels belong to other images or other classes; one such fault says so.
    faults.push(...[...found.values()].flatMap(({ unlabelled }) => unlabelled ?? []).slice(0, 1));
  }
  const names = new Set(listed.map(({ name }) => name));
  const all = await devkit.all();
  const { sides, pixels, compared, different } = tally;
  const order = orderRemark(heldIn([...found.values()]), classes);
  return {
    devkit: devkit.path,
    splits,
    images: samples.length,
    unlisted: all.filter((name) => !names.has(name)).length,
    turned: [...found.values()].filter(({ check }) => check.turned).length,
    remarked: [...found.values()].filter(({ check }) => check.remarked).length,
    ...sides && { sides },
    classes: tally.classes,
    pixels,
    ...order !== undefined && { order },
    ...labels && { labels: { from: labels.from, compared, different } },
    faults: distinct([...faults, ...leaks(lists)]),
  };
}

/** Removes repeated faults: the same image may be in several lists. */
function distinct(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((each) => [JSON.stringify(each), each])).values()];
}

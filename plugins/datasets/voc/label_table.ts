import { decodeText, didYouMean, userError } from "seamstress";
import { maskValues } from "./census.ts";
import type { ClassMap } from "./classes.ts";
import { readCsvLabels } from "./csv_labels.ts";
import { Listings, readBytes } from "./files.ts";
import { annotationLabels, type Located } from "./labels.ts";
import { type Devkit, type DevkitPlaces, openDevkit } from "./splits.ts";
import { truthProblem } from "./truth.ts";

/** Source of image labels. */
export interface LabelTableOptions extends DevkitPlaces {
  /** `masks`, `xml`, or the absolute path of a CSV file. */
  readonly from: string;
  readonly classes: ClassMap;
  /** Maximum number of pixels of a mask; a recipe's default where not given. */
  readonly limit?: number | undefined;
  /** Split lists whose images are labelled; all lists where empty. */
  readonly splits: readonly string[];
  /** Whether objects marked difficult count. */
  readonly difficult: boolean;
  /** Called after each image. */
  readonly progress?: (done: number, total: number) => void;
}

/** Image labels. */
export interface LabelTable {
  /** Image name → class names in the order of the vocabulary; sorted by image name. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Images without mask or annotation, where no lists were named. */
  readonly leftOut: readonly string[];
}

/** The images of the requested lists, each once. */
async function samplesOf(devkit: Devkit, splits: readonly string[]): Promise<Located[]> {
  const odd = splits.find((split) => !devkit.splits.includes(split));
  if (odd !== undefined) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot find list "${odd}"${
          didYouMean(odd, devkit.splits)
        } of ${devkit.path}; lists there: ${devkit.splits.join(", ")}`,
      ),
    );
  }
  const samples = new Map<string, Located>();
  for (const split of splits.length > 0 ? splits : devkit.splits) {
    for (const sample of await devkit.read(split)) samples.set(sample.name, sample);
  }
  return [...samples.values()];
}

async function fromFiles(
  devkit: Devkit,
  options: LabelTableOptions,
  files: Listings,
): Promise<{ labels: Map<string, readonly string[]>; leftOut: string[] }> {
  const { classes, splits, difficult, limit, progress } = options;
  const folder = `${devkit.path}/Annotations`;
  const labeller = annotationLabels(folder, difficult, classes);
  const samples = await samplesOf(devkit, splits);
  const labels = new Map<string, readonly string[]>();
  const leftOut: string[] = [];
  const held = new Uint8Array(256);
  const labelOfMask = async ({ name, mask }: Located) => {
    if (!mask) throw userError(new Deno.errors.NotFound(`Cannot label ${name}: it has no mask`));
    const values = await maskValues(mask, classes.areVoc, limit);
    classes.refuseUnknown(values, mask);
    values.forEach((there, value) => held[value]! |= there);
    return classes.labelOfMask(values);
  };
  for (const [i, sample] of samples.entries()) {
    const there = options.from === "masks"
      ? sample.mask !== undefined
      : await files.has(`${folder}/${sample.name}.xml`);
    // Lists such as VOC's test have no masks, so they are skipped unless the user named the list.
    if (!there && splits.length === 0) leftOut.push(sample.name);
    else {
      const label = options.from === "masks" ? await labelOfMask(sample) : labeller(sample);
      labels.set(sample.name, classes.classes.filter((_, c) => label[c] === 1));
    }
    progress?.(i + 1, samples.length);
  }
  const problem = options.from === "masks" && labels.size > 0
    ? truthProblem(held, classes)
    : undefined;
  if (problem !== undefined) {
    throw userError(new RangeError(`Cannot make labels of ${devkit.path}: ${problem}`));
  }
  return { labels, leftOut };
}

async function fromCsv(
  devkit: Devkit,
  { from, classes, splits }: LabelTableOptions,
): Promise<Map<string, readonly string[]>> {
  const text = decodeText(await readBytes(from), `labels ${from}`);
  const rows = readCsvLabels(text, from, classes.vocabulary);
  const names = await devkit.all();
  const known = new Set(names);
  const odd = [...rows.keys()].find((name) => !known.has(name));
  if (odd !== undefined) {
    throw userError(
      new RangeError(
        `Cannot use labels from ${from}: ${devkit.path}/JPEGImages has no image "${odd}"${
          didYouMean(odd, names)
        }`,
      ),
    );
  }
  const listed = splits.length > 0 ? await samplesOf(devkit, splits) : [];
  const missing = listed.filter(({ name }) => !rows.has(name));
  if (missing.length > 0) {
    throw userError(
      new RangeError(
        `Cannot use labels from ${from}: ${missing.length} images of ${splits.join(", ")} ` +
          `are not in it, such as ${missing[0]!.name}`,
      ),
    );
  }
  const wanted = listed.length > 0 ? listed.map(({ name }) => name) : [...rows.keys()];
  return new Map(wanted.map((name) => {
    const given = rows.get(name)!;
    return [name, classes.classes.filter((each) => given.includes(each))];
  }));
}

/**
 * Creates image labels from a devkit: from masks, the classes of their pixels; from annotations, the classes of their objects;
 * from a CSV file, see {@linkcode readCsvLabels}.
 *
 * @param options source of the labels, and which images
 * @returns the labels, which {@linkcode formatLabels} writes for data set `voc12`
 * @throws {Error} naming the file that is missing or broken
 */
export async function makeLabels(options: LabelTableOptions): Promise<LabelTable> {
  const files = new Listings();
  const devkit = await openDevkit(options, files);
  const { labels, leftOut } = options.from === "masks" || options.from === "xml"
    ? await fromFiles(devkit, options, files)
    : { labels: await fromCsv(devkit, options), leftOut: [] };
  if (labels.size === 0) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot make labels from ${options.from}: no image of ${devkit.path} has any`,
      ),
    );
  }
  if (![...labels.values()].some((names) => names.length > 0)) {
    throw userError(
      new RangeError(
        `Cannot make labels from ${options.from}: none of the ${labels.size} images shows any of the classes ` +
          options.classes.classes.join(", "),
      ),
    );
  }
  return { labels: new Map([...labels].sort(([a], [b]) => a < b ? -1 : 1)), leftOut };
}

/**
 * Writes labels as JSON, one image per line.
 *
 * @param labels image name → class names
 * @returns the text
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatLabels } from "./label_table.ts";
 * const text = formatLabels(new Map([["a", ["cat"]], ["b", []]]));
 * assertEquals(text, '{\n  "a": ["cat"],\n  "b": []\n}\n');
 * ```
 */
export function formatLabels(labels: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...labels].map(([name, classes]) =>
    `  ${JSON.stringify(name)}: [${classes.map((each) => JSON.stringify(each)).join(", ")}]`
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

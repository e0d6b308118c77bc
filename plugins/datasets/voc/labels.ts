import { Buffer } from "node:buffer";
import { decodeText, show, userError } from "seamstress";
import { annotatedClasses } from "./annotation.ts";
import type { ClassMap } from "./classes.ts";
import { readCsvLabels } from "./csv_labels.ts";
import { readBytes, readBytesSync } from "./files.ts";
import { readJsonLabels } from "./json_labels.ts";
import { readIndices } from "./mask.ts";
import { readNpyLabels } from "./npy_labels.ts";
import { decodeXml } from "./xml_encoding.ts";

/** A sample's files. */
export interface Located {
  readonly name: string;
  /** Absolute path; may not exist. */
  readonly image: string;
  /** Absolute path of the first mask found. */
  readonly mask?: string;
}

/** Returns the image label of a sample, `[C]` in {0,1}; throws if it has none. */
export type Labeller = (sample: Located) => Float32Array;

/**
 * Reads labels from one file for all images: `.npy` (per image a row of 0 and 1, in the order of the vocabulary) or `.json`
 * (class names), or CSV (see {@linkcode readCsvLabels}).
 *
 * @param path absolute
 * @param classes the classes of data and experiment
 * @returns the labeller
 * @throws {SyntaxError} where the file has another form
 */
export async function tableLabels(path: string, classes: ClassMap): Promise<Labeller> {
  const bytes = await readBytes(path);
  const label = path.endsWith(".npy")
    ? fromRows(npyRows(bytes, path), path, classes)
    : fromNames(readNames(decodeText(bytes, `labels ${path}`), path, classes), path, classes);
  return ({ name }) => {
    const found = label(name);
    if (found) return found;
    throw userError(new RangeError(`Cannot label ${name}: ${path} has no entry of this name`));
  };
}

/** Tables that were read last, by their paths: every split of a data set reads the same one. */
const tables = new Map<
  string,
  { readonly bytes: Uint8Array; readonly rows: ReturnType<typeof readNpyLabels> }
>();

function npyRows(bytes: Uint8Array, path: string): ReturnType<typeof readNpyLabels> {
  const known = tables.get(path);
  if (known && Buffer.compare(known.bytes, bytes) === 0) return known.rows;
  const rows = readNpyLabels(bytes, path);
  tables.set(path, { bytes, rows });
  return rows;
}

function readNames(
  text: string,
  path: string,
  { vocabulary }: ClassMap,
): ReadonlyMap<string, readonly string[]> {
  return path.endsWith(".csv") ? readCsvLabels(text, path, vocabulary) : readJsonLabels(text, path);
}

type Lookup = (name: string) => Float32Array | undefined;

function fromRows(
  rows: ReadonlyMap<string, Float32Array>,
  path: string,
  classes: ClassMap,
): Lookup {
  return (name) => {
    const row = rows.get(name);
    if (!row) return undefined;
    const { length } = classes.vocabulary;
    if (row.length !== length || !row.every((value) => value === 0 || value === 1)) {
      throw userError(
        new RangeError(
          `Cannot label ${name}: ${path} has ${row.length} numbers, ${
            show([...row])
          }, expected ${length} times 0 or 1, ` +
            `for ${classes.vocabulary.join(", ")}`,
        ),
      );
    }
    return classes.label(row);
  };
}

function fromNames(
  names: ReadonlyMap<string, readonly string[]>,
  path: string,
  classes: ClassMap,
): Lookup {
  return (name) => {
    const found = names.get(name);
    return found && classes.labelOfNames(found, path);
  };
}

/**
 * Reads labels from annotation files in VOC's format.
 *
 * @param folder absolute path of `Annotations`
 * @param difficult whether objects marked difficult count
 * @param classes the classes of data and experiment
 * @returns the labeller
 */
export function annotationLabels(
  folder: string,
  difficult: boolean,
  classes: ClassMap,
): Labeller {
  return ({ name }) => {
    const path = `${folder}/${name}.xml`;
    const text = decodeXml(readBytesSync(path), path);
    return classes.labelOfNames(annotatedClasses(text, path, difficult), path);
  };
}

/**
 * Derives labels from masks: the classes of their pixels.
 *
 * @param classes the classes of data and experiment
 * @param limit maximum number of pixels of a mask, the recipe's `limits.pixels`
 * @returns the labeller
 */
export function maskLabels(classes: ClassMap, limit?: number): Labeller {
  return ({ name, mask }) => {
    if (!mask) throw userError(new Deno.errors.NotFound(`Cannot label ${name}: it has no mask`));
    const { data } = readIndices(readBytesSync(mask), mask, classes.areVoc, limit);
    const held = new Uint8Array(256);
    for (let i = 0; i < data.length; i++) held[data[i]!] = 1;
    classes.refuseUnknown(held, mask);
    return classes.labelOfMask(held);
  };
}

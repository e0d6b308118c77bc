import { messageOf, refuseWide, show, userError } from "seamstress";
import { JsonScanner, type Scalar } from "./json_scanner.ts";

/** An image of an annotation file. */
export interface CocoImage {
  /** `file_name`, such as `000000000009.jpg`. */
  readonly file: string;
  readonly height: number;
  readonly width: number;
}

/** An object of an image; its pixels stay in the file. */
export interface CocoObject {
  /** Place in `annotations`, from 0, for messages. */
  readonly index: number;
  /** Place in {@linkcode AnnotationFile.categories}, from 0. */
  readonly category: number;
  /** Whether it is a crowd: a region of objects that were not told apart. */
  readonly crowd: boolean;
  /** First byte of its `segmentation` in the file; -1 where it has none. */
  readonly start: number;
  /** Bytes of its `segmentation`. */
  readonly length: number;
}

/** What an annotation file holds, without the pixels of objects. */
export interface AnnotationFile {
  readonly path: string;
  /** Names of categories in the order of their ids. */
  readonly categories: readonly string[];
  readonly images: readonly CocoImage[];
  /** Whether there is a list of annotations; files of test images have none. */
  readonly annotated: boolean;
  /** Objects of an image, in the order of the file. */
  objectsOf(image: number): readonly CocoObject[];
}

/** An object with the ids that the file gives. */
type Raw = Omit<CocoObject, "category"> & { readonly image: number; readonly categoryId: number };

/** Reads the records of a list that begins here, each key's value by `each`, which returns false for what it does not know. */
function records(
  scanner: JsonScanner,
  each: (key: string) => boolean,
  done: (index: number) => void,
): void {
  let index = 0;
  scanner.array(() => {
    scanner.object((key) => {
      if (!each(key)) scanner.skip();
    });
    done(index++);
  });
}

const isWhole = (value: Scalar): value is number =>
  typeof value === "number" && Number.isSafeInteger(value);

/** Reads an annotation file; see {@linkcode readAnnotationFile}. */
class Reader {
  readonly #scanner: JsonScanner;
  readonly #images: CocoImage[] = [];
  readonly #imageOf = new Map<number, number>();
  readonly #categories = new Map<number, string>();
  readonly #objects: Raw[] = [];
  readonly #seen = new Set<string>();

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  read(path: string): AnnotationFile {
    const lists: Readonly<Record<string, () => void>> = {
      images: () => this.#readImages(),
      annotations: () => this.#readObjects(),
      categories: () => this.#readCategories(),
    };
    this.#scanner.skipMark();
    this.#scanner.object((key) => {
      this.#seen.add(key);
      if (Object.hasOwn(lists, key)) lists[key]!();
      else this.#scanner.skip();
    });
    this.#scanner.finish();
    for (const key of ["images", "categories"]) {
      if (!this.#seen.has(key)) throw refuse(`it has no ${key}`);
    }
    if (this.#images.length === 0) throw refuse("it lists no image");
    if (this.#categories.size === 0) throw refuse("it lists no category");
    return { path, ...this.#resolve() };
  }

  #readImages(): void {
    let record: Record<string, Scalar> = {};
    records(this.#scanner, (key) => {
      if (!["id", "file_name", "height", "width"].includes(key)) return false;
      record[key] = this.#scanner.scalar();
      return true;
    }, (index) => {
      const { id, file_name: file, height, width } = record;
      record = {};
      const where = `image ${index}`;
      if (!isWhole(id)) throw refuse(`${where}: id is ${show(id)}, expected a whole number`);
      if (typeof file !== "string" || !isFileBelow(file)) {
        throw refuse(
          `${where}: file_name is ${show(file)}, expected a file below the folder of images`,
        );
      }
      if (!isWhole(height) || !isWhole(width) || height < 1 || width < 1) {
        throw refuse(
          `${where}: width and height are ${show(width)} and ${show(height)}, expected pixels`,
        );
      }
      if (this.#imageOf.has(id)) throw refuse(`${where}: id ${id} is there twice`);
      this.#imageOf.set(id, this.#images.length);
      this.#images.push({ file, height, width });
    });
  }

  #readCategories(): void {
    let record: Record<string, Scalar> = {};
    records(this.#scanner, (key) => {
      if (key !== "id" && key !== "name") return false;
      record[key] = this.#scanner.scalar();
      return true;
    }, (index) => {
      const { id, name } = record;
      record = {};
      if (!isWhole(id) || typeof name !== "string" || name === "") {
        throw refuse(`category ${index}: found id ${show(id)} and name ${show(name)}`);
      }
      const isTwice = this.#categories.has(id) || [...this.#categories.values()].includes(name);
      if (isTwice) throw refuse(`category ${index}: id ${id} or name ${show(name)} is there twice`);
      this.#categories.set(id, name);
    });
  }

  #readObjects(): void {
    const scanner = this.#scanner;
    let record: Record<string, Scalar> = {};
    let start = -1, length = 0;
    records(scanner, (key) => {
      if (key === "segmentation") {
        start = scanner.toValue();
        scanner.skip();
        length = scanner.offset - start;
        return true;
      }
      if (!["image_id", "category_id", "iscrowd"].includes(key)) return false;
      record[key] = scanner.scalar();
      return true;
    }, (index) => {
      const { image_id: image, category_id: category, iscrowd: crowd = 0 } = record;
      record = {};
      const where = `annotation ${index}`;
      if (!isWhole(image) || !isWhole(category)) {
        throw refuse(
          `${where}: image_id is ${show(image)}, category_id ${show(category)}, expected ids`,
        );
      }
      if (crowd !== 0 && crowd !== 1 && typeof crowd !== "boolean") {
        throw refuse(`${where}: iscrowd is ${show(crowd)}, expected 0 or 1`);
      }
      const isCrowd = Boolean(crowd);
      this.#objects.push({ index, image, categoryId: category, crowd: isCrowd, start, length });
      start = -1;
      length = 0;
    });
  }

  /** Looks ids up, now that all lists are read: a file may have them in any order. */
  #resolve(): Omit<AnnotationFile, "path"> {
    const ids = [...this.#categories.keys()].sort((a, b) => a - b);
    const places = new Map(ids.map((id, place) => [id, place]));
    const byImage = new Map<number, CocoObject[]>();
    for (const { image, categoryId, index, crowd, start, length } of this.#objects) {
      const owner = this.#imageOf.get(image), category = places.get(categoryId);
      if (owner === undefined || category === undefined) {
        const what = owner === undefined
          ? `image has id ${image}`
          : `category has id ${categoryId}`;
        throw refuse(`annotation ${index}: no ${what}`);
      }
      const object = { index, category, crowd, start, length };
      const others = byImage.get(owner);
      if (others) others.push(object);
      else byImage.set(owner, [object]);
    }
    return {
      categories: ids.map((id) => this.#categories.get(id)!),
      images: this.#images,
      annotated: this.#seen.has("annotations"),
      objectsOf: (i) => byImage.get(i) ?? [],
    };
  }
}

const refuse = (problem: string) => userError(new SyntaxError(problem));

/** Whether a file's name stays below the folder that it is looked up in. */
function isFileBelow(file: string): boolean {
  const parts = file.split("/");
  return !file.includes("\\") && !file.includes("\0") && parts.at(-1) !== "" &&
    !parts.some((part) => part === "" || part === "." || part === "..");
}

/**
 * Reads an annotation file, `instances_train2017.json` or another in this form, piece by piece: lists of images, categories and
 * annotations; pixels of objects stay in the file.
 *
 * @param read fills an array with the file's next bytes; returns how many, 0 at the end
 * @param path of the file, for messages
 * @returns what it holds
 * @throws {SyntaxError} naming the file and the place where it is broken, names what it does not have, or has something twice
 */
export function scanAnnotations(read: (into: Uint8Array) => number, path: string): AnnotationFile {
  let isFirst = true;
  const checked = (into: Uint8Array) => {
    const length = read(into);
    if (isFirst) refuseWide(into.subarray(0, Math.min(length, 100)), `COCO annotations ${path}`);
    isFirst = false;
    return length;
  };
  try {
    return new Reader(new JsonScanner(checked)).read(path);
  } catch (error) {
    const message = messageOf(error);
    if (message.includes(path)) throw error;
    throw userError(new SyntaxError(`Cannot read COCO annotations ${path}: ${message}`));
  }
}

/** Files that were read by path, size and modification time: several stages open the same. */
const known = new Map<string, AnnotationFile>();

/**
 * Reads an annotation file from disk, once per process unless it changes; see {@linkcode scanAnnotations}.
 *
 * @param path absolute
 * @returns what it holds
 * @throws {Error} naming the file where it is missing or broken
 */
export function readAnnotationFile(path: string): AnnotationFile {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    throw userError(new Error(`Cannot read ${path}: ${messageOf(error)}`, { cause: error }));
  }
  try {
    const { size, mtime, isFile } = file.statSync();
    if (!isFile) throw userError(new Error(`Cannot read ${path}: it is no file`));
    const key = JSON.stringify([path, size, mtime?.getTime()]);
    const found = known.get(key) ?? scanAnnotations((into) => file.readSync(into) ?? 0, path);
    known.set(key, found);
    return found;
  } finally {
    file.close();
  }
}

import { brokenLink, hashBytes, messageOf, noSuchFile, userError } from "seamstress";

/** Number of concurrent file accesses: enough to keep a disk busy, below any limit on open files. */
export const AT_ONCE = 64;

/** Contents of a folder. */
interface Listing {
  readonly names: ReadonlySet<string>;
  /** Names that are symbolic links, whose target may not exist. */
  readonly links: ReadonlySet<string>;
  /** Name with its extension in lower case → the names that match it, in order. */
  readonly lowered: ReadonlyMap<string, readonly string[]>;
}

/** `a.JPG` → `a.jpg`; the name before the extension stays unchanged. */
const lowerEnding = (name: string) => name.replace(/\.[^.]*$/, (ending) => ending.toLowerCase());

/** Looks up files in cached folder listings, which is cheaper than one system call for each of ten thousand files. */
export class Listings {
  readonly #folders = new Map<string, Promise<Listing>>();

  #listing(folder: string): Promise<Listing> {
    let listing = this.#folders.get(folder);
    if (!listing) this.#folders.set(folder, listing = list(folder));
    return listing;
  }

  /**
   * @param folder absolute path
   * @returns names in it, in order, without those that begin with a dot, which are not data: macOS writes `._a.jpg` next to a.jpg
   * on foreign file systems; none where the folder does not exist
   * @throws {Error} naming the folder where it cannot be listed, or is a broken symbolic link
   */
  async names(folder: string): Promise<readonly string[]> {
    const { names } = await this.#listing(folder);
    return [...names].filter((name) => !name.startsWith("."));
  }

  /**
   * @param path absolute path of a file
   * @returns whether it exists
   */
  async has(path: string): Promise<boolean> {
    const [folder, name] = split(path);
    return (await this.#listing(folder)).names.has(name);
  }

  /**
   * @param path absolute path of a listed file
   * @returns why it cannot be read, where it is a broken symbolic link; else undefined
   */
  async broken(path: string): Promise<string | undefined> {
    const [folder, name] = split(path);
    return (await this.#listing(folder)).links.has(name) ? brokenLink(path) : undefined;
  }

  /**
   * @param folder absolute path
   * @param name of a file, without its extension
   * @param endings extensions in lower case, in order of preference
   * @returns path of the first that exists, with the extension in any letter case, such as a.JPG; else undefined
   */
  async ofEnding(
    folder: string,
    name: string,
    endings: readonly string[],
  ): Promise<string | undefined> {
    const { names, lowered } = await this.#listing(folder);
    const wanted = endings.map((ending) => `${name}.${ending}`);
    const found = wanted.find((each) => names.has(each)) ??
      wanted.flatMap((each) => lowered.get(each) ?? [])[0];
    return found === undefined ? undefined : `${folder}/${found}`;
  }

  /**
   * @param folder absolute path
   * @param name of a file, without its extension
   * @param endings extensions in lower case
   * @returns paths of all that exist, with the extension in any letter case
   */
  async allOfEnding(
    folder: string,
    name: string,
    endings: readonly string[],
  ): Promise<readonly string[]> {
    const { lowered } = await this.#listing(folder);
    return endings.flatMap((ending) => lowered.get(`${name}.${ending}`) ?? [])
      .map((found) => `${folder}/${found}`);
  }

  /**
   * @param paths absolute paths, in order of preference
   * @returns the first that exists, else undefined
   */
  async first(paths: readonly string[]): Promise<string | undefined> {
    for (const path of paths) if (await this.has(path)) return path;
    return undefined;
  }
}

function split(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash), path.slice(slash + 1)];
}

async function list(folder: string): Promise<Listing> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (!missing || brokenLink(folder) !== undefined) throw failed("list", folder, error);
  }
  const names = entries.map(({ name }) => name).sort();
  return {
    names: new Set(names),
    links: new Set(entries.flatMap(({ name, isSymlink }) => isSymlink ? [name] : [])),
    lowered: Map.groupBy(names, lowerEnding),
  };
}

function failed(verb: string, path: string, error: unknown): Error {
  return error instanceof Deno.errors.NotFound
    ? userError(new Deno.errors.NotFound(`Cannot ${verb} ${path}: ${noSuchFile(path)}`))
    : userError(new Error(`Cannot ${verb} ${path}: ${messageOf(error)}`, { cause: error }));
}

/**
 * Reads a file.
 *
 * @param path absolute path
 * @returns its bytes
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw failed("read", path, error);
  }
}

/**
 * Reads the first bytes of a file.
 *
 * @param path absolute path
 * @param length number of bytes
 * @returns the file's first bytes, fewer where it is shorter
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export async function readStart(path: string, length: number): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(Math.min(length, (await file.stat()).size));
    let filled = 0;
    while (filled < bytes.length) {
      const read = await file.read(bytes.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    throw failed("read", path, error);
  }
}

/**
 * Reads a file synchronously, for callers that cannot await.
 *
 * @param path absolute path
 * @returns its bytes
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export function readBytesSync(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw failed("read", path, error);
  }
}

/**
 * @param path absolute path
 * @param files lists folders
 * @returns SHA-256 of the file, hex; `missing` where there is none
 */
export async function hashIfThere(path: string, files: Listings): Promise<string> {
  return await files.has(path) ? await hashBytes(await readBytes(path)) : "missing";
}

/**
 * Looks up a file's size.
 *
 * @param path absolute path
 * @returns the file's size in bytes
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    throw failed("read", path, error);
  }
}

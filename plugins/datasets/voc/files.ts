import { messageOf, mistake } from "../../../core/errors.ts";

/** Looks files up in folders that are listed once: cheaper than asking for each of ten thousand files. */
export class Listings {
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();

  /**
   * @param folder absolute path
   * @returns names in it; none where it does not exist
   */
  names(folder: string): Promise<ReadonlySet<string>> {
    let names = this.#folders.get(folder);
    if (!names) this.#folders.set(folder, names = list(folder));
    return names;
  }

  /**
   * @param path absolute path of a file
   * @returns whether it is there
   */
  async has(path: string): Promise<boolean> {
    const slash = path.lastIndexOf("/");
    return (await this.names(path.slice(0, slash))).has(path.slice(slash + 1));
  }

  /**
   * @param paths absolute paths, the best first
   * @returns the first that is there, else undefined
   */
  async first(paths: readonly string[]): Promise<string | undefined> {
    for (const path of paths) if (await this.has(path)) return path;
    return undefined;
  }
}

async function list(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    for await (const entry of Deno.readDir(folder)) names.add(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw failed("list", folder, error);
    }
  }
  return names;
}

function failed(verb: string, path: string, error: unknown): Error {
  return error instanceof Deno.errors.NotFound
    ? mistake(new Deno.errors.NotFound(`Cannot ${verb} ${path}: there is no such file`))
    : mistake(new Error(`Cannot ${verb} ${path}: ${messageOf(error)}`, { cause: error }));
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
 * Reads a file's beginning.
 *
 * @param path absolute path
 * @param length bytes wanted
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
 * Reads a file at once, where waiting is impossible.
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

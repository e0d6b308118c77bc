import { hashFile, hashNow } from "./hash_file.ts";
import { type FileHashes, filesBelow } from "./files.ts";
import type { WriteFile } from "../../contracts/write_file.ts";
import { writeAtomic } from "../atomic.ts";
import { JOURNAL } from "./names.ts";

/**
 * The hashes of the files that a running stage has written, taken from the bytes that were to be written. They outlive a killed
 * process, so that a file damaged between two attempts is written again, not taken for finished.
 */
export class Journal implements Disposable {
  /** Made with the first line. */
  #file: Deno.FsFile | undefined;
  /** Relative path → what was written there, the newest last: a process may have been killed before it replaced a file. */
  readonly #hashes: Map<string, string[]>;

  private constructor(readonly folder: string, hashes: Map<string, string[]>) {
    this.#hashes = hashes;
  }

  /**
   * Opens the journal of a stage that begins or goes on.
   *
   * @param folder the stage's
   * @returns the journal, and what had changed since it was written, by relative path: it was removed
   */
  static async open(folder: string): Promise<{ journal: Journal; removed: readonly string[] }> {
    const hashes = await readJournal(`${folder}/${JOURNAL}`);
    const removed: string[] = [];
    for (const name of await filesBelow(folder)) {
      const known = hashes.get(name);
      if (!known) continue;
      const found = await hashFile(`${folder}/${name}`);
      if (known.includes(found)) hashes.set(name, [found]);
      else {
        await Deno.remove(`${folder}/${name}`);
        hashes.delete(name);
        removed.push(name);
      }
    }
    return { journal: new Journal(folder, hashes), removed };
  }

  /** Writes a file of the stage as {@linkcode writeAtomic} does and notes its hash before it is in its place. */
  readonly write: WriteFile = async (path, content) => {
    if (!path.startsWith(`${this.folder}/`)) {
      throw new RangeError(`Cannot write ${path} as a file of the stage in ${this.folder}`);
    }
    const name = path.slice(this.folder.length + 1);
    await writeAtomic(path, content, (bytes) => this.record(name, bytes));
  };

  /**
   * Notes what is about to be written.
   *
   * @param path relative to the folder
   * @param bytes the file's whole content
   */
  record(path: string, bytes: Uint8Array): void {
    const sha256 = hashNow(bytes);
    this.#hashes.set(path, [...this.#hashes.get(path) ?? [], sha256]);
    this.#file ??= Deno.openSync(`${this.folder}/${JOURNAL}`, { append: true, create: true });
    // A line of its own, whatever a killed process left of the last one.
    const line = new TextEncoder().encode(`\n${JSON.stringify([path, sha256])}\n`);
    for (let done = 0; done < line.length;) done += this.#file.writeSync(line.subarray(done));
  }

  /**
   * Ends the journal: the stage is done.
   *
   * @returns the hash of every file in the folder, in order of their paths; of one that was written by other means than
   *   {@linkcode Journal.write}, as it is found
   */
  async finish(): Promise<FileHashes> {
    const found: Record<string, string> = {};
    for (const name of await filesBelow(this.folder)) {
      found[name] = this.#hashes.get(name)?.at(-1) ?? await hashFile(`${this.folder}/${name}`);
    }
    await Deno.remove(`${this.folder}/${JOURNAL}`).catch((error) => {
      // A stage that wrote nothing has none.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    return found;
  }

  /** Closes the file, which stays where the stage did not finish. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

async function readJournal(path: string): Promise<Map<string, string[]>> {
  const hashes = new Map<string, string[]>();
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  for (const line of text.split("\n")) {
    // A killed process may have written the last line in part; what no line tells of is hashed as it is found.
    const match = /^\["(.+)","([0-9a-f]{64})"\]$/.exec(line);
    if (!match) continue;
    const [name, sha256]: [string, string] = JSON.parse(line);
    hashes.set(name, [...hashes.get(name) ?? [], sha256]);
  }
  return hashes;
}

import { hashFile, hashNow } from "./hash_file.ts";
import { type FileHashes, filesBelow } from "./files.ts";
import type { WriteFile } from "../../contracts/write_file.ts";
import { writeAtomic } from "../atomic.ts";
import type { Shard } from "../../contracts/stage.ts";
import { isJournal, journalOf } from "./names.ts";

/**
 * The hashes of the files that a running stage has written, taken from the bytes that were to be written. They outlive a killed
 * process, so that a file damaged between two attempts is written again, not taken for finished.
 */
export class Journal implements Disposable {
  /** Made with the first line. */
  #file: Deno.FsFile | undefined;
  /** Relative path → what was written there, the newest last: a process may have been killed before it replaced a file. */
  readonly #hashes: Map<string, string[]>;

  readonly #name: string;

  private constructor(readonly folder: string, hashes: Map<string, string[]>, name: string) {
    this.#hashes = hashes;
    this.#name = name;
  }

  /**
   * Opens the journal of one of several writers, whose journals {@linkcode Journal.open} puts together.
   *
   * @param folder the stage's
   * @param rank the one that writes
   * @param shard and its process, where several do a share each
   * @returns the journal
   */
  static join(folder: string, rank: number, shard?: Shard): Journal {
    return new Journal(folder, new Map(), journalOf(rank, shard));
  }

  /** @returns the hash of every file that was written since the journal was opened */
  hashes(): FileHashes {
    return Object.fromEntries([...this.#hashes].map(([name, hashes]) => [name, hashes.at(-1)!]));
  }

  /**
   * Opens the journal of a stage that begins or goes on.
   *
   * @param folder the stage's
   * @returns the journal, and what had changed since it was written, by relative path: it was removed
   */
  static async open(folder: string): Promise<{ journal: Journal; removed: readonly string[] }> {
    const hashes = await readJournals(folder);
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
    return { journal: new Journal(folder, hashes, journalOf(0)), removed };
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
    this.#file ??= Deno.openSync(`${this.folder}/${this.#name}`, { append: true, create: true });
    // A line of its own, whatever a killed process left of the last one.
    const line = new TextEncoder().encode(`\n${JSON.stringify([path, sha256])}\n`);
    for (let done = 0; done < line.length;) done += this.#file.writeSync(line.subarray(done));
  }

  /**
   * Ends the journal: the stage is done.
   *
   * @param others what other ranks wrote
   * @returns the hash of every file in the folder, in order of their paths; of one that was written by other means than
   *   {@linkcode Journal.write}, as it is found
   */
  async finish(others: readonly FileHashes[] = []): Promise<FileHashes> {
    for (const [name, sha256] of others.flatMap(Object.entries)) this.#hashes.set(name, [sha256]);
    const found: Record<string, string> = {};
    for (const name of await filesBelow(this.folder)) {
      found[name] = this.#hashes.get(name)?.at(-1) ?? await hashFile(`${this.folder}/${name}`);
    }
    for (const name of await journalsIn(this.folder)) await Deno.remove(`${this.folder}/${name}`);
    return found;
  }

  /** Closes the file, which stays where the stage did not finish. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

async function journalsIn(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter(isJournal)
    .sort();
}

async function readJournals(folder: string): Promise<Map<string, string[]>> {
  const hashes = new Map<string, string[]>();
  for (const journal of await journalsIn(folder)) {
    for (const line of (await Deno.readTextFile(`${folder}/${journal}`)).split("\n")) {
      // A killed process may have written the last line in part; what no line tells of is hashed as it is found.
      const match = /^\["(.+)","([0-9a-f]{64})"\]$/.exec(line);
      if (!match) continue;
      const [name, sha256]: [string, string] = JSON.parse(line);
      hashes.set(name, [...hashes.get(name) ?? [], sha256]);
    }
  }
  return hashes;
}

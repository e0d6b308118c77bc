import { temporaryOf } from "../../core/run/stored/temporary.ts";

/** Milliseconds between two signs of life. */
const BEAT = 4000;

/** How many of them may be missing before the holder is taken for dead. */
const MISSED = 5;

/** Message to the Worker that gives signs of life. */
export interface ToBeat {
  readonly path: string;
  /** Milliseconds. */
  readonly every: number;
}

/** How to take a claim. */
export interface ClaimOptions {
  /** Milliseconds between two signs of life. */
  readonly beat?: number;
  /** Told once where another process may hold it, and it takes some milliseconds to see whether that lives. */
  readonly waiting?: (ms: number) => void;
}

/**
 * Something that one process alone has, of many on machines that share a file system: a file that exactly one could create, whose
 * time it renews. Locks of the file system are used only to see at once that the holder lives; what is claimed is safe without.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Claim } from "./claim.ts";
 * const path = `${await Deno.makeTempDir()}/finish`;
 * {
 *   await using mine = await Claim.take(path);
 *   assertEquals([await mine?.isLost(), await Claim.take(path)], [false, undefined]);
 * }
 * await using again = await Claim.take(path);
 * assertEquals(again === undefined, false);
 * ```
 */
export class Claim implements AsyncDisposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #worker: Worker;

  private constructor(path: string, file: Deno.FsFile, worker: Worker) {
    this.#path = path;
    this.#file = file;
    this.#worker = worker;
  }

  /**
   * Takes a claim, that of a dead process too.
   *
   * @param path its file, in a folder that exists
   * @param options for tests and messages
   * @returns the claim, to be disposed; nothing where another process holds it
   */
  static async take(path: string, options: ClaimOptions = {}): Promise<Claim | undefined> {
    for (;;) {
      try {
        const file = await Deno.open(path, { read: true, write: true, createNew: true });
        // Where someone looks whether it is free just now, or there are no locks, the signs of life will do.
        await file.tryLock(true).catch(() => false);
        return new Claim(path, file, await beat({ path, every: options.beat ?? BEAT }));
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
      if (await isHeld(path, options)) return undefined;
    }
  }

  /**
   * Takes a claim that others hold for moments.
   *
   * @param path its file
   * @param options for tests and messages
   * @returns the claim
   */
  static async wait(path: string, options: ClaimOptions = {}): Promise<Claim> {
    for (;;) {
      const claim = await Claim.take(path, options);
      if (claim) return claim;
      await pause(200);
    }
  }

  /** @returns whether another process took it, as this one gave no sign of life for long, or it was removed */
  async isLost(): Promise<boolean> {
    const found = await lookAt(this.#path);
    return found?.ino !== (await this.#file.stat()).ino;
  }

  /** Gives it back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate();
    if (!await this.isLost()) await Deno.remove(this.#path);
    this.#file.close();
  }
}

/**
 * Looks whether a live process holds a claim; a dead one's is removed.
 *
 * @param path its file
 * @param options for tests and messages
 * @returns false where it is free
 */
export async function isHeld(
  path: string,
  { beat = BEAT, waiting }: ClaimOptions = {},
): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  using held = file;
  // Kept while the signs of life are waited for: of several that wait on a machine, one takes it.
  const locked = await held.tryLock(true).catch(() => undefined);
  if (locked === false) return true;
  const before = await held.stat();
  waiting?.(beat * MISSED);
  for (let waited = 0; waited < beat * MISSED; waited += beat / 4) {
    await pause(beat / 4);
    const now = await lookAt(path);
    if (now?.ino !== before.ino) return false;
    if (now.mtime?.getTime() !== before.mtime?.getTime()) return true;
  }
  // By renaming: of two that find it dead, one has it.
  const dead = temporaryOf(path);
  try {
    await Deno.rename(path, dead);
    await Deno.remove(dead);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

/** What stands at a path now: network file systems ask the server where a file is opened, and may answer from memory elsewhere. */
async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    using file = await Deno.open(path);
    return await file.stat();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function beat(message: ToBeat): Promise<Worker> {
  const worker = new Worker(new URL("./beat_worker.ts", import.meta.url), { type: "module" });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot keep ${message.path}: ${event.message}`));
    };
    worker.postMessage(message);
  });
  return worker;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

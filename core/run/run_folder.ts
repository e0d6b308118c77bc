import type { Manifest } from "./manifest.ts";
import { stringify } from "@std/yaml";
import { removeTemporaries, writeAll, writeAtomic } from "./atomic.ts";
import { messageOf, userError } from "../errors.ts";
import { realFolder } from "./real_folder.ts";

/** The file by which a run folder is recognised. */
const RECIPE = "recipe.yaml";
const LOCK = ".lock";

/** How to open a run folder. */
export interface RunFolderOptions {
  /** Continue the run that is in the folder. */
  readonly resume: boolean;
  /**
   * Whether the run is computed by several processes that keep each other off by claims of their own. `beside`: others work in the
   * folder too; a run that is there is joined. `last`: alone there, though a file system without locks will do.
   */
  readonly sharing?: "beside" | "last" | undefined;
}

/** Folder of a run's shards, where there are such. */
export const SHARDS = "shards";

/** Files that a run appends to or truncates: links there would lead it to files elsewhere. */
const NO_LINKS = [LOCK, "metrics.jsonl"];

/**
 * A folder that holds one run:
 *
 * ```text
 * recipe.yaml        the resolved recipe
 * manifest.json      versions, adapter, backend, commit, seed, data
 * metrics.jsonl      one line per step
 * stages/ID/         what each stage left
 * profile/           kernels of each stage, where they were profiled
 * .lock              held while a process works here
 * ```
 *
 * The lock is the operating system's: it goes with the process, however that ends. A folder that is reached through links is
 * resolved once: all is written to the place that they led to then, and locked there.
 */
export class RunFolder implements AsyncDisposable {
  readonly #lock: Deno.FsFile;

  private constructor(
    /** Absolute. */
    readonly path: string,
    /** True where the folder held a run already. */
    readonly resumed: boolean,
    lock: Deno.FsFile,
  ) {
    this.#lock = lock;
  }

  /**
   * Fails where {@linkcode RunFolder.open} would; changes nothing, so that it can be called before any work.
   *
   * @param path the folder; need not exist
   * @param options whether to continue
   * @returns whether it holds a run
   * @throws {Error} where another process works in it, where it holds a run and `resume` is false, or none and it is true, or
   *   where it is no run folder
   */
  static async check(path: string, options: RunFolderOptions): Promise<boolean> {
    path = await realFolder(path);
    const holdsRun = await inspect(path, options);
    if ((await list(path)).includes(LOCK)) release(await takeLock(path, options));
    return holdsRun;
  }

  /**
   * Opens a run folder for this process alone, and makes it where there is none.
   *
   * @param path the folder
   * @param options whether to continue
   * @returns a run folder, to be disposed
   * @throws {Error} as {@linkcode RunFolder.check} does
   */
  static async open(path: string, options: RunFolderOptions): Promise<RunFolder> {
    path = await realFolder(path);
    await inspect(path, options);
    try {
      await Deno.mkdir(`${path}/stages`, { recursive: true });
    } catch (error) {
      throw userError(
        new Error(`Cannot make the run folder ${path}: ${messageOf(error)}`, { cause: error }),
      );
    }
    const lock = await takeLock(path, options);
    try {
      // Another process may have begun a run here between the first look and the lock.
      const resumed = await inspect(path, options);
      await lock.truncate();
      await writeAll(lock, new TextEncoder().encode(`${Deno.pid}\n`));
      // Those of others may be under way.
      if (options.sharing !== "beside") await removeTemporaries(path);
      return new RunFolder(path, resumed, lock);
    } catch (error) {
      release(lock);
      throw error;
    }
  }

  /**
   * Writes the resolved recipe; from then on the folder is a run folder.
   *
   * @param recipe plain JSON
   */
  async writeRecipe(recipe: unknown): Promise<void> {
    // Through JSON: undefined members go, and no two places share an object, which YAML would write as an anchor.
    const plain: unknown = JSON.parse(JSON.stringify(recipe));
    await writeAtomic(`${this.path}/${RECIPE}`, stringify(plain, { lineWidth: 100 }));
  }

  /**
   * Writes the run's manifest.
   *
   * @param manifest plain JSON
   */
  async writeManifest(manifest: Manifest): Promise<void> {
    await writeAtomic(`${this.path}/manifest.json`, JSON.stringify(manifest, null, 2) + "\n");
  }

  /** @returns the run's earlier manifest, where there is a readable one */
  readManifest(): Promise<Manifest | undefined> {
    return readManifest(this.path);
  }

  /**
   * Makes sure that no other process can have begun to work here.
   *
   * @throws {Error} where the lock file was removed or replaced, which lets others in
   */
  async checkLock(): Promise<void> {
    const state = await lockState(this.#lock, this.path);
    if (state === "kept") return;
    throw userError(
      new Error(
        `Cannot go on in ${this.path}: its ${LOCK} was ${state} while this run worked there, so that another may have begun; ` +
          "see that none is running, then continue with --resume",
      ),
    );
  }

  /** Lets other processes work here. */
  [Symbol.asyncDispose](): Promise<void> {
    release(this.#lock);
    return Promise.resolve();
  }
}

/**
 * Reads a run's manifest.
 *
 * @param path the run folder
 * @returns its manifest, where there is a readable one
 */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const found: Partial<Manifest> | null = JSON.parse(
      await Deno.readTextFile(`${path}/manifest.json`),
    );
    return typeof found?.base === "string" ? found as Manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the folder holds a run; throws where that does not fit `resume`. */
async function inspect(path: string, { resume, sharing }: RunFolderOptions): Promise<boolean> {
  const names = await list(path);
  const holdsRun = names.includes(RECIPE);
  if (holdsRun && !resume && sharing === undefined) {
    throw userError(
      new Deno.errors.AlreadyExists(
        `Cannot start a run in ${path}: it holds a run already; continue it with --resume, or begin another: --out ${path}-2`,
      ),
    );
  }
  if (holdsRun) return true;
  // A run that was killed before its recipe was written leaves these two.
  const foreign = names.filter((name) => ![LOCK, SHARDS, "stages"].includes(name));
  if (foreign.length > 0) {
    throw userError(
      new Deno.errors.AlreadyExists(
        `Cannot use ${path} as run folder: it holds other files (${
          foreign[0]
        }) and no ${RECIPE}; choose a new or empty folder`,
      ),
    );
  }
  if (resume && names.length === 0 && sharing === undefined) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot resume the run in ${path}: there is none; start it without --resume and --from`,
      ),
    );
  }
  return false;
}

/** Names in a folder; none where it does not exist. */
async function list(path: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(path))).map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw userError(
      new Error(`Cannot use ${path} as run folder: ${messageOf(error)}`, { cause: error }),
    );
  }
}

/** Takes the lock, without waiting. The file stays when the lock goes: removing it would race with the next process. */
async function takeLock(path: string, { sharing }: RunFolderOptions): Promise<Deno.FsFile> {
  await refuseLinks(path);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(`${path}/${LOCK}`, { read: true, write: true, create: true });
  } catch (error) {
    throw userError(
      new Error(`Cannot lock the run folder ${path}: ${messageOf(error)}`, { cause: error }),
    );
  }
  if (await tryLock(file, path, sharing)) {
    // Removed between opening and locking, it would keep no one out.
    if (await lockState(file, path) === "kept") return file;
    file.close();
    throw userError(
      new Deno.errors.Busy(
        `Cannot lock the run folder ${path}: ${LOCK} was removed meanwhile; try again`,
      ),
    );
  }
  const owner = (await new Response(file.readable).text()).trim();
  throw userError(
    new Deno.errors.Busy(
      `Cannot use the run folder ${path}: process ${owner} works in it; wait until it ends`,
    ),
  );
}

/** Gives a lock back. Closing alone would leave it to a program that is being started meanwhile, which has the file open for a moment. */
function release(lock: Deno.FsFile): void {
  try {
    lock.unlockSync();
  } catch {
    // A file system without locks.
  }
  lock.close();
}

/** Whether the lock was free, or none is needed. */
async function tryLock(
  file: Deno.FsFile,
  path: string,
  sharing: RunFolderOptions["sharing"],
): Promise<boolean> {
  try {
    return await file.tryLock(sharing !== "beside");
  } catch (error) {
    if (sharing !== undefined) return true;
    file.close();
    throw userError(
      new Error(
        `Cannot lock the run folder ${path}: its file system keeps no locks (${messageOf(error)})`,
        { cause: error },
      ),
    );
  }
}

async function refuseLinks(path: string): Promise<void> {
  for (const name of NO_LINKS) {
    const found = await Deno.lstat(`${path}/${name}`).catch(() => undefined);
    if (!found?.isSymlink) continue;
    throw userError(
      new Error(
        `Cannot use ${path} as run folder: ${name} is a link, and a run would write to the file that it leads to; remove it`,
      ),
    );
  }
}

/** Whether a lock file that this process has open still is the run folder's. */
async function lockState(
  file: Deno.FsFile,
  path: string,
): Promise<"kept" | "replaced" | "removed"> {
  const held = await file.stat();
  const found = await Deno.stat(`${path}/${LOCK}`).catch(() => undefined);
  if (!found) return "removed";
  return held.dev === found.dev && held.ino === found.ino ? "kept" : "replaced";
}

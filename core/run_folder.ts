import type { Manifest } from "./manifest.ts";
import { stringify } from "@std/yaml";
import { writeAll, writeAtomic } from "./atomic.ts";
import { messageOf, mistake } from "./errors.ts";

/** The file that makes a folder a run folder. */
const RECIPE = "recipe.yaml";
const LOCK = ".lock";

/** How to open a run folder. */
export interface RunFolderOptions {
  /** Continue the run that is in the folder. */
  readonly resume: boolean;
}

/**
 * A folder that holds one run:
 *
 * ```text
 * recipe.yaml        the resolved recipe
 * manifest.json      versions, adapter, backend, commit, seed, data
 * metrics.jsonl      one line a step
 * stages/ID/         what each stage left
 * profile/           kernels of each stage, where they were profiled
 * .lock              held while a process works here
 * ```
 *
 * The lock is the operating system's: it goes with the process, however that ends.
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
    const holdsRun = await inspect(path, options);
    if ((await list(path)).includes(LOCK)) (await takeLock(path)).close();
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
    await inspect(path, options);
    try {
      await Deno.mkdir(`${path}/stages`, { recursive: true });
    } catch (error) {
      throw mistake(
        new Error(`Cannot make the run folder ${path}: ${messageOf(error)}`, { cause: error }),
      );
    }
    const lock = await takeLock(path);
    try {
      // Another process may have begun a run here between the first look and the lock.
      const resumed = await inspect(path, options);
      await lock.truncate();
      await writeAll(lock, new TextEncoder().encode(`${Deno.pid}\n`));
      return new RunFolder(await Deno.realPath(path), resumed, lock);
    } catch (error) {
      lock.close();
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
   * Writes what the run was made with.
   *
   * @param manifest plain JSON
   */
  async writeManifest(manifest: Manifest): Promise<void> {
    await writeAtomic(`${this.path}/manifest.json`, JSON.stringify(manifest, null, 2) + "\n");
  }

  /** @returns what the run was made with before, where there is a readable manifest */
  readManifest(): Promise<Manifest | undefined> {
    return readManifest(this.path);
  }

  /** Lets other processes work here. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#lock.close();
    return Promise.resolve();
  }
}

/**
 * Reads what a run was made with.
 *
 * @param path the run folder
 * @returns its manifest, where there is a readable one
 */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${path}/manifest.json`));
  } catch {
    return undefined;
  }
}

/** Whether the folder holds a run; throws where that does not fit `resume`. */
async function inspect(path: string, { resume }: RunFolderOptions): Promise<boolean> {
  const names = await list(path);
  const holdsRun = names.includes(RECIPE);
  if (holdsRun && !resume) {
    throw mistake(
      new Deno.errors.AlreadyExists(
        `Cannot start a run in ${path}: it holds a run already; continue it with --resume, or choose another folder`,
      ),
    );
  }
  if (holdsRun) return true;
  // A run that was killed before its recipe was written leaves these two.
  const foreign = names.filter((name) => name !== LOCK && name !== "stages");
  if (foreign.length > 0) {
    throw mistake(
      new Deno.errors.AlreadyExists(
        `Cannot use ${path} as run folder: it holds other files (${
          foreign[0]
        }) and no ${RECIPE}; choose a new or empty folder`,
      ),
    );
  }
  if (resume && names.length === 0) {
    throw mistake(
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
    throw mistake(
      new Error(`Cannot use ${path} as run folder: ${messageOf(error)}`, { cause: error }),
    );
  }
}

/** Takes the lock, without waiting. The file stays when the lock goes: removing it would race with the next process. */
async function takeLock(path: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(`${path}/${LOCK}`, { read: true, write: true, create: true });
  } catch (error) {
    throw mistake(
      new Error(`Cannot lock the run folder ${path}: ${messageOf(error)}`, { cause: error }),
    );
  }
  if (await file.tryLock(true)) return file;
  const owner = (await new Response(file.readable).text()).trim();
  throw mistake(
    new Deno.errors.Busy(
      `Cannot use the run folder ${path}: process ${owner} works in it; wait until it ends`,
    ),
  );
}

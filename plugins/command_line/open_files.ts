import { userError } from "../../core/errors.ts";

/** Files that a run keeps open at once besides those of Workers, rounded up. */
const FILES = 64;

/** Files that Deno opens for a Worker; one may run per core, and some to load data. */
const FILES_A_WORKER = 8;

/**
 * Throws if the operating system's limit on open files is so low that a run could abort in the middle: Deno itself then panics
 * when it starts a Worker, which cannot be caught.
 *
 * @param path a file that can be read
 * @param wanted files to try; by default what a run may need on this machine
 * @throws {Error} that names the limit's command
 */
export async function checkOpenFiles(
  path: string,
  wanted: number = FILES + FILES_A_WORKER * navigator.hardwareConcurrency,
): Promise<void> {
  using open = new DisposableStack();
  for (let i = 0; i < wanted; i++) {
    try {
      open.use(await Deno.open(path));
    } catch (error) {
      if (!(error instanceof Error && /os error 24|EMFILE/.test(error.message))) throw error;
      throw userError(
        new Error(
          `Cannot run: this process may open ${i} more files, it may need ${wanted}; raise the limit first, with ulimit -n 1024`,
          { cause: error },
        ),
      );
    }
  }
}

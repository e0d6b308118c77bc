import { parseJsonLine, writeAll, writeAtomic, writeError } from "seamstress";

/** Content of one line of `metrics.jsonl`; plain JSON. */
export type MetricsRecord = Readonly<Record<string, unknown>>;

/**
 * A run's `metrics.jsonl`: one JSON object per line, appended for each event. Lines of training have `stage` and `step` (steps
 * done, from 1), or `stage` and `epoch`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MetricsLog } from "./metrics_log.ts";
 * const path = await Deno.makeTempFile();
 * {
 *   await using log = await MetricsLog.open(path);
 *   await log.append({ stage: "seam", step: 1, loss: 2 });
 *   await log.append({ stage: "seam", step: 2, loss: 1 });
 *   await log.rewind("seam", 1);
 * }
 * assertEquals(await Deno.readTextFile(path), '{"stage":"seam","step":1,"loss":2}\n');
 * await Deno.remove(path);
 * ```
 */
export class MetricsLog implements AsyncDisposable {
  #file: Deno.FsFile;

  private constructor(readonly path: string, file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Opens or creates a log. An incomplete last line of a killed process is removed.
   *
   * @param path the file
   * @returns a log to be disposed
   */
  static async open(path: string): Promise<MetricsLog> {
    const lines = await readLines(path);
    if (lines !== undefined) await writeAtomic(path, join(lines));
    return new MetricsLog(path, await openEnd(path));
  }

  /**
   * Appends one line.
   *
   * @param record the event
   * @throws {Error} naming the file where it cannot be written
   */
  async append(record: MetricsRecord): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(record) + "\n");
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      throw writeError(error, this.path, bytes.length);
    }
  }

  /**
   * Removes what a killed run logged of a training after its last checkpoint: from the stage's first line with a later step
   * on, the stage's step and epoch lines are removed. All other lines stay.
   *
   * @param stage id of the stage that resumes training
   * @param step number of steps done at its checkpoint
   */
  async rewind(stage: string, step: number): Promise<void> {
    const lines = await readLines(this.path) ?? [];
    let late = false;
    const kept = lines.filter((line) => {
      const record = parseJsonLine(line);
      if (record?.["stage"] !== stage) return true;
      if (typeof record["step"] === "number" && record["step"] > step) late = true;
      return !(late && ("step" in record || "epoch" in record));
    });
    if (kept.length === lines.length) return;
    this.#file.close();
    await writeAtomic(this.path, join(kept));
    this.#file = await openEnd(this.path);
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/** The complete lines of a file, without an incomplete last one; `undefined` where there is no file. */
async function readLines(path: string): Promise<string[] | undefined> {
  try {
    return (await Deno.readTextFile(path)).split("\n").slice(0, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function openEnd(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { append: true, create: true });
}

function join(lines: readonly string[]): string {
  return lines.map((line) => line + "\n").join("");
}

import { shellWord } from "../shell_word.ts";

/** Arguments of the run that stopped. */
export interface StoppedRun {
  /** The working directory, absolute. */
  readonly cwd: string;
  /** The run folder, absolute. */
  readonly folder: string;
  /** The part of the recipe that was asked for. */
  readonly until?: string | undefined;
  /** The same, stage by stage. */
  readonly only?: readonly string[] | undefined;
  /** Its share of the images, `3/16`. */
  readonly shard?: string | undefined;
}

/**
 * Returns the command that resumes a run.
 *
 * @param run what was stopped
 * @returns a line for a shell; the task where it may write the folder, which is below `runs/`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resumeCommand } from "./resume_command.ts";
 * assertEquals(
 *   resumeCommand({ cwd: "/home/me", folder: "/home/me/runs/seam", until: "cams" }),
 *   "deno task run runs/seam --resume --until cams",
 * );
 * assertEquals(
 *   resumeCommand({ cwd: "/home/me", folder: "/big disk/seam" }),
 *   "deno run --allow-read --allow-write='/big disk/seam' cli.ts run '/big disk/seam' --resume",
 * );
 * ```
 */
export function resumeCommand({ cwd, folder, until, only, shard }: StoppedRun): string {
  const below = folder.startsWith(`${cwd}/runs/`);
  const start = below
    ? `deno task run ${shellWord(folder.slice(cwd.length + 1))}`
    : `deno run --allow-read --allow-write=${shellWord(folder)} cli.ts run ${shellWord(folder)}`;
  const part = until === undefined ? "" : ` --until ${shellWord(until)}`;
  const share = shard === undefined ? "" : ` --shard ${shard}`;
  return `${start} --resume${share}${part}${
    only === undefined ? "" : ` --only ${shellWord(only.join(","))}`
  }`;
}

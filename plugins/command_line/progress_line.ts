import type { ProgressOutput } from "../../core/contracts/data_commands.ts";

/** Between two updates, in milliseconds: of a line in place, and of lines in a log. */
const LIVE = 100, LOGGED = 10_000;

/**
 * Shows the progress of long work: on a terminal in one line that is rewritten, else in a line at intervals.
 *
 * @param what is counted, such as `images`
 * @param output where to
 * @returns a function to call with the number done and the total; the last call ends the line
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progressLine } from "seamstress";
 * let text = "", time = 0;
 * const report = progressLine("images", { live: false, write: (part) => text += part, now: () => time });
 * report(1, 3);
 * time = 11_000;
 * report(2, 3);
 * report(3, 3);
 * assertEquals(text, "2/3 images\n");
 * ```
 */
export function progressLine(
  what: string,
  { live, write, now }: ProgressOutput,
): (done: number, total: number) => void {
  let shown = live ? -Infinity : now();
  return (done, total) => {
    const last = done === total;
    if (!live && last) return;
    if (!last && now() - shown < (live ? LIVE : LOGGED)) return;
    shown = now();
    write(live ? `\r${done}/${total} ${what}${last ? "\n" : ""}` : `${done}/${total} ${what}\n`);
  };
}

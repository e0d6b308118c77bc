import type { CommandOutput, Flags } from "seamstress";
import type { DataCheck } from "./devkit.ts";
import { formatCheck } from "./format.ts";

/**
 * Prints what a check found.
 *
 * @param result of the check
 * @param given arguments of the command: json, classes
 * @param out where to write
 * @returns the exit code: 1 where there are faults
 */
export function report(result: DataCheck, given: Flags, out: CommandOutput): number {
  out.print(given.on("json") ? JSON.stringify(result, null, 2) : formatCheck(result));
  const foreign = result.faults.some(({ fault }) => /unknown class|found class \d/.test(fault));
  if (foreign && given.text("classes") === undefined) {
    out.note(
      "The data has classes that are not VOC's: give its own, in the order of mask values from 1, " +
        "such as --classes cat,dog,tree",
    );
  }
  if (result.faults.some(({ fault }) => fault.includes("limits.pixels"))) {
    out.note("Images that are so large for good reason are read here with --pixels N");
  }
  return result.faults.length === 0 ? 0 : 1;
}

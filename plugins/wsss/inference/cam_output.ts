/**
 * The head output that CAMs come from: the one that is asked for, else `cam_rv` where the head has it, else `cam`.
 *
 * @param outputs of the head
 * @param wanted the one that is asked for, if any
 * @returns its name; the head may lack it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { camOutput } from "seamstress/wsss";
 * assertEquals(camOutput(["cam", "cam_rv"]), "cam_rv");
 * assertEquals(camOutput(["cam", "attention"]), "cam");
 * assertEquals(camOutput(["cam", "cam_rv"], "cam"), "cam");
 * ```
 */
export function camOutput(outputs: readonly string[], wanted?: string): string {
  return wanted ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam");
}

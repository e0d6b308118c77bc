import { exists } from "../../formats/exists.ts";

/**
 * Finds a run folder that is not there yet.
 *
 * @param folder that is taken, such as `runs/seam`
 * @returns the first of `runs/seam-2`, `runs/seam-3` and so on that is free
 */
export async function freeFolder(folder: string): Promise<string> {
  for (let n = 2;; n++) if (!await exists(`${folder}-${n}`)) return `${folder}-${n}`;
}

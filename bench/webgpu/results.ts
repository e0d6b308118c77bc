import { amongEarlier, madeWith } from "../results_file.ts";
import { device } from "./sides.ts";

/**
 * Writes what was measured, with hardware and versions.
 *
 * @param path of the JSON file
 * @param rows lines of the results
 * @param whole whether all was measured; else lines of an earlier run stay where there is no new one of the same name
 */
export async function writeResults(
  path: string,
  rows: readonly { readonly what: string }[],
  whole: boolean,
): Promise<void> {
  const results = {
    madeWith: await madeWith(device, 1),
    measured: device.software ? "processor time" : "time by the clock",
    rows: whole ? rows : await amongEarlier(path, rows),
  };
  await Deno.writeTextFile(path, JSON.stringify(results, null, 2) + "\n");
}

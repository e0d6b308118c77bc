import { findAdapter } from "seamstress/ops";
import { skipped } from "./print.ts";

/**
 * Says loudly where there is no adapter: preparing the backend would fail, and what else is measured shall run.
 *
 * @param what is left out then
 * @returns whether there is one
 */
export async function hasWebGpu(what: string): Promise<boolean> {
  const found = await findAdapter("high-performance");
  if ("adapter" in found) return true;
  skipped(`${what}: ${found.reason}`);
  return false;
}

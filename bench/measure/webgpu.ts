import { lookAtAdapter } from "seamstress/ops";
import { skipped } from "./print.ts";

/**
 * Prints prominently if there is no adapter, so that the caller can skip WebGPU and run the other measurements.
 *
 * @param what is skipped in that case
 * @returns whether there is an adapter
 */
export async function hasWebGpu(what: string): Promise<boolean> {
  const found = await lookAtAdapter("high-performance");
  if ("adapter" in found) return true;
  skipped(`${what}: ${found.reason}`);
  return false;
}

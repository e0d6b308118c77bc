import { findAdapter } from "../../plugins/ops/webgpu/device.ts";

/**
 * Says loudly where there is no adapter: importing what computes on one would fail, and the other benchmarks shall run.
 *
 * @param what is left out then
 * @returns whether there is one
 */
export async function hasWebGpu(what: string): Promise<boolean> {
  const found = await findAdapter("high-performance");
  if ("adapter" in found) return true;
  // deno-lint-ignore no-console -- who reads the times must know which are missing
  console.error(`\n!!! SKIPPED: ${what}: ${found.reason} !!!\n`);
  return false;
}

import { DEFAULT_LIMITS } from "../core/recipe/limits.ts";
import { backends, withShippedOps } from "./backends.ts";
import { webgpuBackend } from "../plugins/backends/webgpu.ts";

/** WebGPU that stores activations in float16; shares its device with the one that does not, whichever was prepared last counts. */
const halfWebgpu = withShippedOps(
  await webgpuBackend.create(
    { powerPreference: "high-performance", precision: "f16" },
    undefined,
    {
      limits: DEFAULT_LIMITS,
      create: () => Promise.reject(new Error("webgpu names no other plugins")),
    },
  ),
);

/**
 * Runs something on WebGPU that stores activations in float16, and gives the backend back as it was.
 *
 * @param run what to run
 * @returns what `run` returns
 */
export async function inHalf<T>(run: () => Promise<T>): Promise<T> {
  await halfWebgpu.prepare();
  try {
    return await run();
  } finally {
    await backends.webgpu.prepare();
  }
}

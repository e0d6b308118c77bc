import { webgpuBackend } from "../plugins/backends/webgpu.ts";

/** WebGPU that stores activations in half; shares its device with the one that does not, whichever was prepared last counts. */
export const halfWebgpu = await webgpuBackend.create(
  { powerPreference: "high-performance", precision: "f16" },
  undefined,
  { create: () => Promise.reject(new Error("webgpu names no other plugins")) },
);

/**
 * What SEAM's head and losses run on WebGPU beside convolutions, against tfjs's own and against what our ops compose of those. `bench/webgpu_head.ts` measures the same, on a software adapter in processor time.
 *
 *   deno bench --allow-read --allow-env bench/webgpu_head.bench.ts [--filter "PCM 28x28"]
 *
 * @module
 */
import { hasWebGpu } from "./deno/webgpu.ts";

if (await hasWebGpu("webgpu_head.bench.ts")) {
  const { compareOnWebGpu } = await import("./webgpu/compare.ts");
  const { headCases } = await import("./webgpu/head_kernels.ts");
  for (const one of headCases()) compareOnWebGpu(one, 1);
}

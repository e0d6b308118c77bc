/**
 * Our WebGPU kernels against tfjs's own and against what our ops compose of those, beside what the device does at most: the lines `peak`. `bench/webgpu_kernels.ts` measures the same, on a software adapter in processor time.
 *
 *   deno bench --allow-read --allow-env bench/webgpu_kernels.bench.ts [--filter "conv 3x3 1x28x28x64"]
 *
 * @module
 */
import { hasWebGpu } from "./deno/webgpu.ts";

if (await hasWebGpu("webgpu_kernels.bench.ts")) {
  const { compareOnWebGpu } = await import("./webgpu/compare.ts");
  const { kernelCases } = await import("./webgpu/kernels.ts");
  for (const one of kernelCases()) compareOnWebGpu(one, 3);
}

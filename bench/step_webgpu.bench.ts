/**
 * One training step of SEAM on ResNet38 on webgpu: this project, with and without `recompute: blocks`, against tfjs's kernels with the
 * least that makes them train this network. `bench/step.ts` also compares the losses, and measures memory and PyTorch.
 *
 *   deno bench --allow-read --allow-env bench/step_webgpu.bench.ts
 *
 * @module
 */
import { hasWebGpu } from "./deno/webgpu.ts";

if (await hasWebGpu("step_webgpu.bench.ts")) {
  const { compareSteps } = await import("./step/compare.ts");
  await compareSteps("webgpu");
}

/**
 * One training step of SEAM on ResNet38 on wasm: this project, with and without `recompute: blocks`, against tfjs's kernels with the
 * least that makes them train this network. `bench/step.ts` also compares the losses, and measures memory and PyTorch.
 *
 *   deno bench --allow-read --allow-env bench/step_wasm.bench.ts
 *
 * @module
 */
import { compareSteps } from "./step/compare.ts";

await compareSteps("wasm");

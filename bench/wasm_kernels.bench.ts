/**
 * How fast are our kernels on wasm, and whole training steps? Against tfjs with the smallest fixes that run them at all; `record` measures
 * processor time.
 *
 *   deno bench --allow-read --allow-env bench/wasm_kernels.bench.ts [--filter "conv 3x3 1x56"] [-- --with FILE]
 *   deno run … bench/record.ts wasm_kernels [--only conv] [--with FILE]
 *
 * @module
 */
import { hasRelaxedSimd } from "seamstress/ops";
import { miniSteps } from "./ops/mini_network.ts";
import { mobilenetStep } from "./ops/mobilenet_step.ts";
import { opsQuestion } from "./ops/question.ts";

/** Writes bench/results/wasm_kernels.json. */
export const record = await opsQuestion(import.meta, {
  ...{ name: "wasm_kernels", backend: "wasm", rounds: 7 },
  last: ({ quick }) => [...miniSteps, { ...mobilenetStep(quick ? 1 : 8, 224), rounds: 1 }],
  made: () => ({ relaxedSimd: hasRelaxedSimd() }),
});

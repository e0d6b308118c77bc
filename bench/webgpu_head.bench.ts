/**
 * How fast is what SEAM's head and losses run on WebGPU beside convolutions (pixel correlation, resize, maxima, top-k), and how much
 * memory does it take? Against tfjs's own and against what our ops compose of those; the pixel correlation of tfjs is its equation as it
 * reads, plain products with the matrix of pixels x pixels. These are the cases of operations that say `memory`.
 *
 *   deno bench --allow-read --allow-env bench/webgpu_head.bench.ts [--filter "PCM 28x28"] [-- --with FILE]
 *   deno run … bench/record.ts webgpu_head [--only PCM] [--with FILE]
 *
 * @module
 */
import { opsQuestion } from "./ops/question.ts";

/** Writes bench/results/webgpu_head.json; each of these takes long, and is measured once. */
export const record = await opsQuestion(import.meta, {
  ...{ name: "webgpu_head", backend: "webgpu", rounds: 1 },
  picks: ({ memory }) => memory === true,
});

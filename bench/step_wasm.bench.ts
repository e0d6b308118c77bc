/**
 * How long does one training step of SEAM on ResNet38 take on wasm, forward, backward and update? This project, with and without
 * `recompute: blocks`, against tfjs's own kernels with the least that makes them train this network. Recorded, also this project on
 * as many threads as cores can share the batch, as its group `workers` computes, and plain PyTorch
 * (bench/peers/seam_step.py) where Python has it, on one thread and on all, and on CUDA where there is a GPU, with TF32 off and then on: all take the same two steps
 * first, from the same weights, images and dropout, and nothing is reported where their losses differ. Memory is measured, too.
 *
 *   deno bench --allow-read --allow-env bench/step_wasm.bench.ts
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3,/usr/bin/python3 --allow-write=bench/results,/tmp bench/record.ts step_wasm \
 *     --width 16 --crop 96 --batch 2 [--micro 1] [--rounds 3] [--implementations ours,workers,recompute,tfjs,pytorch] [--profile]
 *
 * @module
 */
import { stepQuestion } from "./step/question.ts";

/** Writes a row into bench/results/step.json, with `--profile` bench/results/profile.json, too. */
export const record = await stepQuestion(import.meta, "wasm");

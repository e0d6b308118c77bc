/**
 * How long does the training step of recipes/voc-animals/seam.yaml take, SEAM on MobileNetV2, from random weights on random images? This
 * project on one wasm thread, the whole batch at once and in micro-batches, and on all cores (`group: workers`), against PyTorch
 * (bench/peers/mobilenet_step.py) at its best on one thread and on all cores: in turns, by the clock. Nothing is reported unless losses of
 * two steps and gradients of the first agree. `deno bench` has this step among wasm_kernels.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3,/usr/bin/python3 --allow-write=bench/results,/tmp bench/record.ts \
 *     mobilenet_step [--rounds 15] [--crop 224] [--batch 8] [--micro 4] [--python PATH] [--busy]
 *
 * @module
 */

/** Writes a row into bench/results/mobilenet_step.json. */
export { recordMobilenetStep as record } from "./mobilenet_step/record.ts";

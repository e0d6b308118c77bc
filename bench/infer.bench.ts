/**
 * How long does multi-scale inference of CAMs take an image, reading and writing it included? Stage `infer` as recipes/voc-animals/seam.yaml has
 * it, MobileNetV2 with random weights, on one thread and on all cores (`group: workers`), against PyTorch and Pillow doing the same
 * (bench/peers/mobilenet_infer.py) at their best on one thread and on all cores: a process each, in turns, part by part, by the clock. Start-up and the
 * first images are left out on all sides. Nothing is reported unless CAMs agree. Without `--root` images are made.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3,/usr/bin/python3,"$(deno eval 'console.log(Deno.execPath())')" \
 *     --allow-write=bench/results,/tmp bench/record.ts infer [--root VOC_ANIMALS] [--split val] [--images 16] [--python PATH] [--busy]
 *
 * @module
 */

/** Writes a row into bench/results/infer.json. */
export { recordInfer as record } from "./infer/record.ts";

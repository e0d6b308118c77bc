import { encodeSafetensors, fromFileUrl, type Raster, type Scores } from "seamstress";
import { denseCrf } from "../../plugins/refinement/crf/dense_crf.ts";
import { MeanField } from "../../plugins/refinement/crf/mean_field.ts";
import { meanFieldProgram } from "../../plugins/refinement/crf/wasm/mean_field_program.ts";
import { denseCrfOptions } from "../../plugins/refinement/crf/options.ts";
import { compare, least } from "../measure/compare.ts";
import type { Load } from "../measure/load.ts";
import { runPeerProcess } from "../measure/peer.ts";
import { findPython, type Interpreter } from "../measure/python.ts";
import { RECORDED } from "../measure/sample.ts";
import { likeliest } from "./differences.ts";

const SCRIPT = fromFileUrl(new URL("../peers/dense_crf.py", import.meta.url));

/** An image and its scores. */
export interface Scene {
  readonly image: Raster;
  readonly scores: Scores;
}

/** Both implementations on the same images, one thread each. */
export interface BesidePydensecrf {
  readonly labels: number;
  readonly images: number;
  /** From scores to labels, wall time: minimum over an image's runs, mean over images. */
  readonly seconds: number;
  readonly oursSeconds: number;
  /** The same in processor time. */
  readonly cpuSeconds: number;
  readonly oursCpuSeconds: number;
  readonly pixels: number;
  /** Number of pixels with a different argmax label. */
  readonly labelsApart: number;
}

/** Where it is found, or why it is not. */
export type FoundPydensecrf = { readonly python: Interpreter } | { readonly notMeasured: string };

/**
 * Looks for pydensecrf.
 *
 * @param pythons interpreters, the first that imports it is taken; default: those that are searched
 * @returns the interpreter, or the error of each
 */
export async function findPydensecrf(pythons?: readonly Interpreter[]): Promise<FoundPydensecrf> {
  const found = await findPython("import numpy, pydensecrf.densecrf", pythons);
  return "python" in found ? { python: found.python } : found;
}

/**
 * Runs the same images alternately with pydensecrf and with this project.
 *
 * @param python that has pydensecrf
 * @param scenes of one number of labels
 * @param runs of each image and engine
 * @param load of the machine
 * @returns both engines' times, and how many labels differ
 * @throws {Error} with Python's errors where it fails
 */
export async function besidePydensecrf(
  python: Interpreter,
  scenes: readonly Scene[],
  runs: number,
  load?: Load,
): Promise<BesidePydensecrf> {
  const options = denseCrfOptions.parse({}), meanField = new MeanField(meanFieldProgram);
  const sums = { seconds: 0, oursSeconds: 0, cpuSeconds: 0, oursCpuSeconds: 0 };
  let pixels = 0, labelsApart = 0;
  for (const { image, scores } of scenes) {
    const peer = await runPeer(python, { image, scores }, runs, options.iterations, load);
    let labels = new Uint8Array();
    const run = () => {
      labels = likeliest(denseCrf(scores, image, options, meanField).data, scores.channels);
    };
    const times = await compare({ ours: { run } }, {
      ...{ rounds: runs, measured: RECORDED, warmUps: 0 },
    });
    sums.seconds += Math.min(...peer.seconds);
    sums.cpuSeconds += Math.min(...peer.cpuSeconds);
    sums.oursSeconds += least(times.ours.wall) / 1e3;
    sums.oursCpuSeconds += least(times.ours.processor) / 1e3;
    pixels += labels.length;
    labels.forEach((label, pixel) => labelsApart += label === peer.labels[pixel] ? 0 : 1);
  }
  const images = scenes.length;
  const mean = (seconds: number) => Math.round(seconds / images * 1e4) / 1e4;
  return {
    labels: scenes[0]?.scores.channels ?? 0,
    images,
    seconds: mean(sums.seconds),
    oursSeconds: mean(sums.oursSeconds),
    cpuSeconds: mean(sums.cpuSeconds),
    oursCpuSeconds: mean(sums.oursCpuSeconds),
    pixels,
    labelsApart,
  };
}

/** Of each run. */
interface Timed {
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
}

async function runPeer(
  python: Interpreter,
  { image, scores }: Scene,
  runs: number,
  iterations: number,
  load: Load | undefined,
): Promise<Timed & { readonly labels: Uint8Array }> {
  const { channels, height, width } = scores;
  const folder = await Deno.makeTempDir();
  const given = `${folder}/scene.safetensors`, made = `${folder}/labels`;
  try {
    await Deno.writeFile(
      given,
      encodeSafetensors(
        new Map([
          ["photo", { dtype: "U8", shape: [height, width, 3], data: image.data as Uint8Array }],
          ["probs", { dtype: "F32", shape: [channels, height, width], data: scores.data }],
        ]),
      ),
    );
    const args = [SCRIPT, given, made, `--runs=${runs}`, `--iterations=${iterations}`];
    const best = { threads: 1, keepsMemory: true };
    const timed = await runPeerProcess<Timed>(python, args, best, load);
    return { ...timed, labels: await Deno.readFile(made) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

import { encodeSafetensors, fromFileUrl, type Raster, type Scores } from "seamstress";
import { denseCrf } from "../../plugins/refinement/crf/dense_crf.ts";
import { MeanField } from "../../plugins/refinement/crf/mean_field.ts";
import { meanFieldProgram } from "../../plugins/refinement/crf/wasm/mean_field_program.ts";
import { denseCrfOptions } from "../../plugins/refinement/crf/options.ts";
import { compare, least } from "../measure/compare.ts";
import { askPython, runPython } from "../measure/python.ts";

const SCRIPT = fromFileUrl(new URL("../peers/dense_crf.py", import.meta.url));

/** A Python interpreter: a program, and arguments that precede Python's own. */
export type Interpreter = readonly [program: string, ...before: string[]];

/** Interpreters that are searched for pydensecrf: the first one on the PATH, and Debian's. */
export const PYTHONS: readonly Interpreter[] = [["python3"], ["/usr/bin/python3"]];

/** An image and its scores. */
export interface Scene {
  readonly image: Raster;
  readonly scores: Scores;
}

/** Both implementations on the same images, one thread each. */
export interface BesidePydensecrf {
  readonly labels: number;
  readonly images: number;
  /** CPU seconds from scores to labels: minimum over an image's runs, mean over images. */
  readonly cpuSeconds: number;
  readonly oursCpuSeconds: number;
  readonly pixels: number;
  /** Number of pixels with a different argmax label. */
  readonly labelsApart: number;
}

/** An interpreter that can import pydensecrf, or the reason why none can. */
export type FoundPydensecrf = { readonly python: Interpreter } | { readonly notMeasured: string };

/**
 * Looks for pydensecrf.
 *
 * @param pythons interpreters, the first that imports it is taken
 * @returns the interpreter, or the error of each
 */
export async function findPydensecrf(
  pythons: readonly Interpreter[] = PYTHONS,
): Promise<FoundPydensecrf> {
  const reasons: string[] = [];
  for (const python of pythons) {
    const found = await askPython(python, "import numpy, pydensecrf.densecrf");
    if ("text" in found) return { python };
    reasons.push(`${python.join(" ")}: ${found.reason}`);
  }
  return { notMeasured: reasons.join("; ") };
}

/**
 * Runs the same images alternately with pydensecrf and with this project.
 *
 * @param python that has pydensecrf
 * @param scenes of one number of labels
 * @param runs of each image and engine
 * @returns both engines' times, and how many labels differ
 * @throws {Error} with Python's errors where it fails
 */
export async function besidePydensecrf(
  python: Interpreter,
  scenes: readonly Scene[],
  runs: number,
): Promise<BesidePydensecrf> {
  const options = denseCrfOptions.parse({}), meanField = new MeanField(meanFieldProgram);
  let theirs = 0, ours = 0, pixels = 0, labelsApart = 0;
  for (const { image, scores } of scenes) {
    const peer = await runPeer(python, { image, scores }, runs, options.iterations);
    let labels = new Uint8Array();
    const run = () => {
      labels = likeliest(denseCrf(scores, image, options, meanField));
    };
    const times = await compare({ ours: { run } }, {
      ...{ rounds: runs, measured: "processor time", warmUps: 0 },
    });
    theirs += Math.min(...peer.cpuSeconds);
    ours += least(times.ours.counted) / 1e3;
    pixels += labels.length;
    labels.forEach((label, pixel) => labelsApart += label === peer.labels[pixel] ? 0 : 1);
  }
  const images = scenes.length;
  const mean = (seconds: number) => Math.round(seconds / images * 1e4) / 1e4;
  return {
    labels: scenes[0]?.scores.channels ?? 0,
    images,
    cpuSeconds: mean(theirs),
    oursCpuSeconds: mean(ours),
    pixels,
    labelsApart,
  };
}

function likeliest({ channels, data }: Scores): Uint8Array<ArrayBuffer> {
  const pixels = data.length / channels;
  return Uint8Array.from({ length: pixels }, (_, pixel) => {
    let best = 0;
    for (let c = 1; c < channels; c++) {
      if (data[c * pixels + pixel]! > data[best * pixels + pixel]!) best = c;
    }
    return best;
  });
}

async function runPeer(
  python: Interpreter,
  { image, scores }: Scene,
  runs: number,
  iterations: number,
): Promise<{ readonly cpuSeconds: readonly number[]; readonly labels: Uint8Array }> {
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
    const { success, text, errors } = await runPython(python, args, { OMP_NUM_THREADS: "1" });
    if (!success) throw new Error(`Cannot run pydensecrf: ${errors}`);
    return { ...JSON.parse(text), labels: await Deno.readFile(made) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

import * as tf from "@tensorflow/tfjs";
import type { BackendName } from "../implementations/open.ts";
import { isBenching, registerBench } from "../measure/deno_bench.ts";
import type { Load } from "../measure/load.ts";
import { hasWebGpu } from "../measure/webgpu.ts";
import { openStep } from "./implementations.ts";
import { makeProblem, type Problem, type Size } from "./problem.ts";
import { recordStep } from "./record.ts";
import { stepWork } from "./works.ts";

/** What each machine can do within a minute; a software adapter is the slowest. */
const SIZES: Readonly<Record<"wasm" | "software" | "gpu", readonly Size[]>> = {
  wasm: [{ width: 16, crop: 96, batch: 1, micro: 1 }],
  software: [{ width: 8, crop: 96, batch: 1, micro: 1 }],
  gpu: [16, 64].map((width) => ({ width, crop: 448, batch: 1, micro: 1 })),
};

/** Registers whole training steps with `deno bench`. */
async function registerSteps(backend: BackendName): Promise<void> {
  const machine = await openStep(backend), { info, present } = machine;
  let made: { readonly size: Size; readonly problem: Problem } | undefined;
  // One at a time is held: 105 million parameters at full width.
  const problemOf = async (size: Size) => {
    if (made?.size !== size) {
      tf.disposeVariables();
      machine.use("ours");
      made = { size, problem: await makeProblem(size) };
    }
    return made.problem;
  };
  for (const size of SIZES[backend === "wasm" ? "wasm" : info.software ? "software" : "gpu"]) {
    const { width, crop, batch } = size;
    registerBench({
      name: `step of ResNet38 width ${width}, ${crop}x${crop}, batch ${batch} on ${backend}`,
      implementations: Object.fromEntries(
        // One image cannot be shared among threads.
        present.filter((name) => name !== "workers")
          .map((name) => [name, stepWork(name, machine, () => problemOf(size))]),
      ),
      iterations: 1,
    });
  }
}

/**
 * What the file of a backend's steps is made of: under `deno bench` it registers them, imported by bench/record.ts it records one.
 *
 * @param meta of the file
 * @param backend that steps are taken on
 * @returns records one
 */
export async function stepQuestion(
  meta: ImportMeta,
  backend: BackendName,
): Promise<(args: readonly string[], load: Load) => Promise<void>> {
  const benching = isBenching(meta);
  if (benching && (backend !== "webgpu" || await hasWebGpu("steps on webgpu"))) {
    await registerSteps(backend);
  }
  return (args, load) => recordStep(backend, args, load);
}

/**
 * Refines images, or makes their kernels, off the main thread, one at a time. {@linkcode CrfPool} starts it as a module Worker; importing it elsewhere is of no
 * use.
 *
 * @module
 */
import { KernelBuilder } from "./kernel.ts";
import { MeanField } from "./mean_field.ts";
import type { CrfAnswer, CrfTask } from "./messages.ts";
import { buffersOf, gatherKernel } from "./webgpu/gathered_kernel.ts";

/** The part of a Worker's global scope that is used here; the compiler is set up for the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<CrfTask>) => void;
  postMessage(message: CrfAnswer, transfer?: readonly Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Of the task under way. */
let program = new Uint8Array();
const meanField = new MeanField(() => program);
let programs: CrfTask["lattices"] = new Map();
const builder = new KernelBuilder((dimensions) => programs.get(dimensions)!);

scope.onmessage = ({ data: { refine, lattices, image, options } }) => {
  try {
    programs = lattices;
    const kernels = builder.pairwise(image, options);
    if (refine === undefined) {
      const [smoothness, appearance] = kernels.map(gatherKernel);
      // The smoothness kernel is kept for the next image of its size: it is copied.
      scope.postMessage({ kernels: [smoothness!, appearance!] }, buffersOf(appearance!));
      return;
    }
    program = refine.program;
    const refined = meanField.infer(refine.scores, kernels, options.iterations);
    scope.postMessage({ refined }, [refined.data.buffer as ArrayBuffer]);
  } catch (error) {
    scope.postMessage({ error: error instanceof Error ? error : new Error(String(error)) });
  }
};

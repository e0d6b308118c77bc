/**
 * Refines images, or makes their kernels, off the main thread, one at a time. {@linkcode CrfPool} starts it as a module Worker; importing it elsewhere is of no
 * use.
 *
 * @module
 */
import { packError } from "seamstress";
import { denseCrf } from "./dense_crf.ts";
import { pairwiseKernels } from "./kernel.ts";
import { MeanField } from "./mean_field.ts";
import type { CrfAnswer, CrfTask } from "./messages.ts";
import { buffersOf, gatherKernel } from "./webgpu/gathered_kernel.ts";

/** The part of a Worker's global scope that is used here; the compiler is set up for the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<CrfTask>) => void;
  postMessage(message: CrfAnswer, transfer?: readonly Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const meanField = new MeanField();

scope.onmessage = ({ data: { scores, image, options } }) => {
  try {
    if (scores === undefined) {
      const kernels = pairwiseKernels(image, options).map(gatherKernel);
      scope.postMessage({ kernels }, kernels.flatMap(buffersOf));
      return;
    }
    const refined = denseCrf(scores, image, options, meanField);
    scope.postMessage({ refined }, [refined.data.buffer as ArrayBuffer]);
  } catch (error) {
    scope.postMessage({ error: packError(error) });
  }
};

import { MOST_OTHERS } from "../measure/load.ts";
import { list, wrap } from "./markdown.ts";
import { notYet, onAGpu } from "./gpu.ts";
import type { Results } from "./results.ts";
import { profiled } from "./profile.ts";
import { inferences, mobilenetSteps } from "./turns.ts";
import * as section from "./sections.ts";

const INTRO = [
  "# Performance",
  wrap(
    "Made from the JSON in `bench/results/` by `deno task performance`; a test keeps it up to date. Every number names its hardware.",
  ),
  list([
    "Times are wall time, the least of the rounds (the median where a section says so), the implementations in turn; where processor time stands beside, it is that of all threads. " +
    `Nothing is recorded where other programs take more than ${
      100 * MOST_OTHERS
    } % of the machine's cores, unless the line under the heading says so.`,
    "PyTorch runs at its best: OMP_NUM_THREADS is the number of threads that its line names (torch.set_num_threads alone does not bound " +
    "oneDNN), and glibc's malloc keeps what is freed (MALLOC_MMAP_THRESHOLD_, MALLOC_MMAP_MAX_, MALLOC_TRIM_THRESHOLD_, MALLOC_TOP_PAD_); " +
    "as the system ships it, malloc unmaps every large tensor. pydensecrf runs the same way. PyTorch needs an optimised BLAS: with the reference one, which Debian installs by " +
    "default, nothing is recorded.",
    "ONEDNN_MAX_CPU_ISA is AVX2: where a processor has AVX-512, the convolutions that the oneDNN 2.6 of Debian's PyTorch 1.13 chooses for it corrupt " +
    "memory. A PyTorch whose AVX-512 is sound is faster there; where the processor has none nothing changes. PyTorch's lines say which it is.",
    "A factor above 1 is in favour of this project.",
    "MB are 10^6 bytes.",
  ]),
].join("\n\n");

const SECTIONS = [
  section.verified,
  mobilenetSteps,
  inferences,
  section.steps,
  profiled,
  section.webgpuKernels,
  section.webgpuHead,
  section.wasmKernels,
  section.fullSize,
  section.denseCrf,
  section.randomWalk,
  section.loadWeights,
];

/**
 * Tables of a folder of results.
 *
 * @param results what it has
 * @returns Markdown, one section per file
 */
export function renderTables(results: Results): string {
  return SECTIONS.flatMap((render) => render(results) ?? []).join("\n\n");
}

/**
 * The page docs/performance.md.
 *
 * @param here results of this project's own machine
 * @param gpu results of bench/gpu.sh; empty where there are none
 * @returns Markdown as `deno fmt` writes it
 */
export function renderPage(here: Results, gpu: Results): string {
  const measured = renderTables(gpu);
  // One level down: they belong to the section on GPUs.
  const onGpu = measured === "" ? notYet : measured.replaceAll(/^#/gm, "##");
  return [INTRO, renderTables(here), onAGpu, onGpu].join("\n\n") + "\n";
}

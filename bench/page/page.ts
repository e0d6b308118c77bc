import { list, wrap } from "./markdown.ts";
import { notYet, onAGpu } from "./gpu.ts";
import type { Results } from "./results.ts";
import { profiled } from "./profile.ts";
import * as section from "./sections.ts";

const INTRO = [
  "# Performance",
  wrap(
    "Made from the JSON in `bench/results/` by `deno task performance`; a test keeps it up to date. Every number names its hardware.",
  ),
  list([
    "Where everything computes on the CPU (wasm, lavapipe) times are processor time, the least of the rounds, the implementations in turn: other " +
    "programs ran at the same time. On a GPU they are time by the clock.",
    "A factor above 1 is in favour of this project.",
    "MB are 10^6 bytes.",
  ]),
].join("\n\n");

const SECTIONS = [
  section.verified,
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

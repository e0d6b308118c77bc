/**
 * Records everything that docs/performance.md shows, question by question, and writes the page. For an idle machine, with a Python that
 * has PyTorch, NumPy and pydensecrf as far as they should be on the page, and an optimised BLAS.
 *
 *   deno task publish [--busy] [--only step] [--root VOC_ANIMALS]
 *
 * `--only` takes part of a line's text. `--root` has 222 photographs of a data set inferred, else 24 images are made. Takes 34 minutes on
 * two cores; a question that fails is reported at the end, the others are recorded.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { print } from "./measure/print.ts";

const RECORD = "bench/record.ts";
const steps = (backend: string, ...sizes: readonly string[]) =>
  sizes.map((size) => [RECORD, `step_${backend}`, ...size.split(" ")]);

const { busy, only = "", root } = parseArgs(Deno.args, {
  boolean: ["busy"],
  string: ["only", "root"],
}) as {
  busy?: boolean;
  only?: string;
  root?: string;
};

/** Commands in the order of their worth: the last ones may run out of an idle machine's time. */
const COMMANDS: readonly (readonly string[])[] = [
  [RECORD, "mobilenet_step"],
  [
    RECORD,
    "infer",
    ...root === undefined ? ["--images", "24"] : ["--root", root, "--images", "222"],
  ],
  ...steps(
    "wasm",
    "--width 16 --crop 224 --batch 1 --rounds 5 --implementations ours,recompute,pytorch",
    "--width 16 --crop 224 --batch 2 --rounds 3 --implementations ours,workers,pytorch",
    "--width 16 --crop 128 --batch 2 --rounds 3",
    "--width 8 --crop 96 --batch 2 --rounds 5",
    "--width 64 --crop 96 --batch 1 --rounds 1 --implementations ours,pytorch",
  ),
  [RECORD, "wasm_kernels"],
  [RECORD, "dense_crf"],
  [RECORD, "random_walk"],
  ...steps(
    "webgpu",
    "--width 8 --crop 96 --batch 1 --rounds 3 --implementations ours,recompute,f16,tfjs,pytorch",
    "--width 16 --crop 96 --batch 1 --rounds 2 --implementations ours,recompute,f16,tfjs,pytorch",
    "--width 16 --crop 224 --batch 1 --rounds 1 --implementations ours,f16,pytorch",
  ),
  ["bench/full_size.ts", "infer", "--backend", "wasm", "--scales", "0.5,1"],
  [RECORD, "webgpu_kernels"],
  [RECORD, "webgpu_head"],
  ...steps("webgpu", "--width 64 --crop 96 --batch 1 --rounds 1 --implementations ours,pytorch"),
];

/** Of each. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-env",
  "--allow-sys=cpus",
  `--allow-run=python3,/usr/bin/python3,${Deno.execPath()}`,
  "--allow-write=bench/results,docs,/tmp",
] as const;

async function run(args: readonly string[]): Promise<boolean> {
  const began = performance.now();
  print(`\n${args.join(" ")}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, ...args],
    stdin: "null",
  }).spawn().status;
  print(`${success ? "done" : "FAILED"}, ${Math.round((performance.now() - began) / 1000)} s`);
  return success;
}

const began = performance.now(), failed: string[] = [];
for (const args of COMMANDS) {
  if (!args.join(" ").includes(only)) continue;
  if (!await run([...args, ...busy ? ["--busy"] : []])) failed.push(args.join(" "));
}
if (!await run(["bench/page.ts"])) failed.push("bench/page.ts");
print(`\n${Math.round((performance.now() - began) / 60_000)} minutes. ${failed.length} failed.`);
for (const line of failed) print(`- ${line}`);
if (failed.length > 0) Deno.exit(1);

import { list, wrap } from "./markdown.ts";

/** How bench/gpu.sh is used, and what it would tell. */
export const onAGpu: string = [
  "## On a GPU",
  wrap(
    "`bench/gpu.sh` does everything on a machine with an NVIDIA GPU in one go: golden files on WebGPU, whole steps at 448x448 against " +
      "PyTorch on CUDA with TF32 off and on, kernels, memory at full width. It needs no network, installs nothing (it unpacks a Vulkan " +
      "loader), ends within 9 minutes and writes JSON, its log and this page's tables into `$OUT` (default `runs/gpu`).",
  ),
  "```sh\n" +
  "bench/gpu/pack.sh              # here, with network: .gpu/ with deno, the npm modules, the Vulkan loader\n" +
  "bench/gpu.sh                   # there, in a copy of the working tree with .gpu/ in it\n" +
  "bench/gpu.sh --small           # anywhere, on lavapipe too: a little of each, to see that it works\n" +
  "```",
  list([
    "`.gpu/` holds `deno.xz` (33 MB), `node_modules.tar.xz` (2 MB: of the npm packages only what runs) and `.deb` files with the " +
    "loaders of Vulkan and GL, for x86-64; with the working tree (16 MB) that stays below 64 MiB. `deno` needs no cache: TypeScript is compiled " +
    "on the way.",
    "What is missing in `.gpu/` is taken from the machine: `deno` on the PATH, `node_modules` beside `deno.json`, its own Vulkan loader.",
    "The driver must bring its Vulkan part (`nvidia_icd.json`); where it is not in the usual place, `VK_DRIVER_FILES` names it, and " +
    "`/usr/local/nvidia/share/vulkan/icd.d` is looked into.",
    "PyTorch is that of `python3`, or of `PYTHON`; where it is absent its lines are, loudly.",
  ]),
].join("\n\n");

/** What nobody has measured. */
export const notYet: string = [
  "## Not yet measured",
  list([
    "Anything on a real GPU: every WebGPU number above is lavapipe's, Mesa's Vulkan on the CPU. It shows that less work is done, not what " +
    "a GPU makes of it. Where `bench/results/gpu/` is committed, its tables appear here instead.",
    "PyTorch on CUDA, hence the aim of half its images a second at least.",
    "pydensecrf on this machine: its times are quoted.",
  ]),
].join("\n\n");

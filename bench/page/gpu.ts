import { list, wrap } from "./markdown.ts";

/** How to use bench/gpu.sh, and what it measures. */
export const onAGpu: string = [
  "## On a GPU",
  wrap(
    "`bench/gpu.sh` does everything on a machine with an NVIDIA GPU in one go: golden files on WebGPU, float32 and f16; whole steps at " +
      "448x448 against PyTorch on CUDA with TF32 off and on, one of them profiled; ResNet38's own convolutions as a share of the float32 peak " +
      "(the larger of tfjs's, our and cuBLAS's matrix product of 4096); memory at full width. It needs no network, installs nothing, " +
      "ends within 9 minutes, keeps what it has after every part, and writes JSON and its log, this page's tables in it, into `$OUT` " +
      "(default `runs/gpu`). A software adapter is refused.",
  ),
  "```sh\n" +
  "bench/gpu/pack.sh              # here, with network: .gpu/ with deno, the npm modules, the Vulkan loader\n" +
  "bench/gpu.sh                   # there, in a copy of the working tree with .gpu/ in it\n" +
  "bench/gpu.sh --small           # anywhere, on lavapipe too: a little of each, to see that it works\n" +
  "```",
  list([
    "`.gpu/` holds `deno.xz` (31 MB), `node_modules.tar.xz` (2 MB: of the npm packages only what runs) and `.deb` files with the " +
    "loaders of Vulkan and GL and with X11's libraries, which NVIDIA's driver links to, for x86-64; with the working tree that makes 46 MB. " +
    "`deno` needs no cache: TypeScript is compiled on the way.",
    "What is missing in `.gpu/` is taken from the machine: `deno` on the PATH, `node_modules` beside `deno.json`. Of the `.deb` files only " +
    "libraries that the machine has not are used, from a temporary folder.",
    "The driver must bring its Vulkan part. The loader's own choice is tried first, or `VK_DRIVER_FILES`; then NVIDIA's `nvidia_icd.json` " +
    "in the usual places and in `/usr/local/nvidia`; then its libraries `libGLX_nvidia.so.0` and `libEGL_nvidia.so.0` without one. The first " +
    "that gives a GPU is taken, and the log says which.",
    "PyTorch is that of `python3`, or of `PYTHON`; where it is absent its lines are, loudly.",
  ]),
].join("\n\n");

/** What has not been measured yet. */
export const notYet: string = [
  "## Not yet measured",
  list([
    "Anything on a real GPU: every WebGPU number above is lavapipe's, Mesa's Vulkan on the CPU. It shows that less work is done, not what " +
    "a GPU makes of it. Where `bench/results/gpu/` is committed, its tables appear here instead.",
    "PyTorch on CUDA, hence the aim of half its images a second at least.",
  ]),
].join("\n\n");

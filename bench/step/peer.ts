import { fromFileUrl } from "seamstress";
import { skipped } from "../measure/print.ts";
import { askPython, runPython } from "../measure/python.ts";

const SCRIPT = fromFileUrl(new URL("../peers/seam_step.py", import.meta.url));

/** What `bench/peers/seam_step.py` prints. */
export interface PeerResult {
  /** Of each compared step. */
  readonly losses: readonly (readonly number[])[];
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** On CUDA, tensors' peak; on the CPU, by how much the process's resident memory grew. */
  readonly peakBytes: number;
  readonly device: string;
  readonly torch: string;
}

/** How PyTorch computes. */
export interface PeerOptions {
  readonly python: string;
  readonly device: "cpu" | "cuda";
  readonly tf32: boolean;
  readonly rounds: number;
}

/** PyTorch 1.13's AVX-512 path corrupts memory. */
const ENVIRONMENT = { ONEDNN_MAX_CPU_ISA: "AVX2" } as const;

/**
 * Takes the same steps with PyTorch.
 *
 * @param file of `encodeProblem`
 * @param options how
 * @returns its losses, time and memory
 * @throws {Error} with Python's errors where it fails
 */
async function runPeer(file: string, options: PeerOptions): Promise<PeerResult> {
  const { success, text, errors } = await runPython(options.python, [
    SCRIPT,
    file,
    ...["--rounds", String(options.rounds)],
    ...["--device", options.device],
    // wasm has one thread, and threads of a busy machine wait for each other.
    ...options.device === "cpu" ? ["--threads", "1"] : [],
    ...options.tf32 ? ["--tf32"] : [],
  ], ENVIRONMENT);
  if (!success) throw new Error(`Cannot take the step with PyTorch: ${errors}`);
  return JSON.parse(text);
}

/**
 * Takes the same steps with PyTorch, on CUDA with TF32 off and then on.
 *
 * @param python the interpreter
 * @param rounds that are timed
 * @param encode gives the file of `encodeProblem`, which is removed again
 * @returns results by name; none, loudly, where there is no PyTorch
 */
export async function runPeers(
  python: string,
  rounds: number,
  encode: () => Uint8Array,
): Promise<Readonly<Partial<Record<"PyTorch float32" | "PyTorch TF32", PeerResult>>>> {
  const probe = "import torch, numpy; print('cuda' if torch.cuda.is_available() else 'cpu')";
  const found = await askPython(python, probe);
  if ("reason" in found) {
    skipped(`PyTorch, which ${python} has not: ${found.reason}`);
    return {};
  }
  const device = found.text as PeerOptions["device"];
  if (device === "cpu") skipped("PyTorch on CUDA: there is none; on the CPU");
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, encode());
    const run = (tf32: boolean) => runPeer(path, { python, device, tf32, rounds });
    return {
      "PyTorch float32": await run(false),
      ...device === "cuda" && { "PyTorch TF32": await run(true) },
    };
  } finally {
    await Deno.remove(path);
  }
}

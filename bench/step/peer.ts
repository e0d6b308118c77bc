import { fromFileUrl } from "../../core/recipe/paths.ts";

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

/**
 * @param python the interpreter
 * @returns what its PyTorch computes on; a reason where it has none
 */
export async function findPeer(
  python: string,
): Promise<{ readonly device: "cpu" | "cuda" } | { readonly reason: string }> {
  const script = "import torch, numpy; print('cuda' if torch.cuda.is_available() else 'cpu')";
  try {
    const { success, text, errors } = await run(python, ["-c", script]);
    if (success) return { device: text.trim() as "cpu" | "cuda" };
    return { reason: errors.trim().split("\n").at(-1) ?? "it failed" };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Takes the same steps with PyTorch.
 *
 * @param file of `encodeProblem`
 * @param options how
 * @returns its losses, time and memory
 * @throws {Error} with Python's errors where it fails
 */
export async function runPeer(file: string, options: PeerOptions): Promise<PeerResult> {
  const { success, text, errors } = await run(options.python, [
    SCRIPT,
    file,
    ...["--rounds", String(options.rounds)],
    ...["--device", options.device],
    // wasm has one thread, and threads of a busy machine wait for each other.
    ...options.device === "cpu" ? ["--threads", "1"] : [],
    ...options.tf32 ? ["--tf32"] : [],
  ]);
  if (!success) throw new Error(`Cannot take the step with PyTorch: ${errors.trim()}`);
  return JSON.parse(text);
}

async function run(python: string, args: readonly string[]) {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [...args],
    // PyTorch 1.13's AVX-512 path corrupts memory.
    env: { ONEDNN_MAX_CPU_ISA: "AVX2" },
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

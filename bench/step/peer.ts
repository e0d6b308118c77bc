import { fromFileUrl } from "seamstress";
import { skipped } from "../measure/print.ts";
import type { Load } from "../measure/load.ts";
import { runPeerProcess } from "../measure/peer.ts";
import { type Interpreter, PYTHONS } from "../measure/python.ts";
import { findTorch, peerRows, refuseSlowBlas } from "../measure/torch.ts";

const SCRIPT = fromFileUrl(new URL("../peers/seam_step.py", import.meta.url));

/** What `bench/peers/seam_step.py` prints. */
export interface PeerResult {
  /** That it had. */
  readonly threads: number;
  /** Of each compared step. */
  readonly losses: readonly (readonly number[])[];
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** On CUDA, tensors' peak; on the CPU, by how much the process's resident memory grew. */
  readonly peakBytes: number;
  readonly device: string;
  /** Whether matrices are multiplied by the reference BLAS, a twelfth as fast as others. */
  readonly referenceBlas: boolean;
  readonly torch: string;
}

/** How PyTorch computes. */
export interface PeerOptions {
  /** Of which the first that imports PyTorch is taken; default: those that are searched. */
  readonly pythons?: readonly Interpreter[];
  readonly rounds: number;
  readonly cores: number;
  /** That is watched. */
  readonly load?: Load;
}

/**
 * Takes the same steps with PyTorch, in each of {@linkcode peerRows}.
 *
 * @param options how
 * @param encode gives the file of `encodeProblem`, which is removed again
 * @returns results by name; none, loudly, where there is no PyTorch
 * @throws {Error} with Python's errors where it fails
 */
export async function runPeers(
  options: PeerOptions,
  encode: () => Uint8Array,
): Promise<Readonly<Record<string, PeerResult>>> {
  const { pythons = PYTHONS, rounds, cores, load } = options;
  const found = await findTorch(["numpy"], pythons);
  if (!found) return {};
  const { python, device } = found;
  if (device === "cpu") skipped("PyTorch on CUDA: there is none; on the CPU");
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, encode());
    const results: Record<string, PeerResult> = {};
    for (const row of peerRows(device, cores)) {
      const args = [
        ...[SCRIPT, path, "--rounds", String(rounds), "--device", device],
        ...["--threads", String(row.threads), ...row.tf32 ? ["--tf32"] : []],
      ];
      const result = await runPeerProcess<Omit<PeerResult, "threads">>(python, args, row, load);
      refuseSlowBlas(result, load);
      results[row.name] = { ...result, threads: row.threads };
    }
    return results;
  } finally {
    await Deno.remove(path);
  }
}

import { fromFileUrl, userError } from "seamstress";
import { skipped } from "../measure/print.ts";
import type { Load } from "../measure/load.ts";
import { type PeerSettings, runPeerProcess } from "../measure/peer.ts";
import { findPython, type Interpreter, PYTHONS } from "../measure/python.ts";

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

/** Where PyTorch computes. */
type Device = "cpu" | "cuda";

/** One row of PyTorch's. */
interface PeerRow extends PeerSettings {
  readonly name: string;
  readonly tf32?: boolean;
}

/** On one thread at its best and as it is shipped, on all cores at its best; on CUDA with TF32 off and on. */
export function peerRows(device: Device, cores: number): readonly PeerRow[] {
  const threads = cores, keepsMemory = true;
  if (device === "cuda") {
    return [{ name: "PyTorch float32", threads, keepsMemory }, {
      ...{ name: "PyTorch TF32", threads, keepsMemory },
      tf32: true,
    }];
  }
  const one = { name: "PyTorch, 1 thread", threads: 1, keepsMemory };
  return [
    one,
    ...cores > 1 ? [{ name: `PyTorch, ${cores} threads`, threads, keepsMemory }] : [],
    { ...one, name: "PyTorch, 1 thread, malloc as shipped", keepsMemory: false },
  ];
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
  const probe = "import torch, numpy; print('cuda' if torch.cuda.is_available() else 'cpu')";
  const found = await findPython(probe, pythons);
  if ("notMeasured" in found) {
    skipped(`PyTorch, which no Python imports: ${found.notMeasured}`);
    return {};
  }
  const device = found.text as Device;
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
      const result = await runPeerProcess<Omit<PeerResult, "threads">>(
        ...[found.python, args, row, load] as const,
      );
      if (result.referenceBlas && load?.busy !== true) throw slowBlas();
      results[row.name] = { ...result, threads: row.threads };
    }
    return results;
  } finally {
    await Deno.remove(path);
  }
}

/** Debian's PyTorch takes whatever BLAS the system has. */
function slowBlas(): Error {
  return userError(
    new RangeError(
      "Cannot compare with PyTorch: it multiplies matrices by the reference BLAS, a twelfth as fast as OpenBLAS. Install one, such as " +
        "Debian's libopenblas0-pthread; --busy records all the same, marked",
    ),
  );
}

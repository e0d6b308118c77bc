import { userError } from "seamstress";
import type { Load } from "./load.ts";
import { type Interpreter, runPython } from "./python.ts";

/** How a program that this project is compared with runs. */
export interface PeerSettings {
  readonly threads: number;
  /** Whether glibc keeps freed memory, which its users must set; else as the operating system ships it. */
  readonly keepsMemory: boolean;
}

/** Every library that counts threads by a variable of its own; `torch.set_num_threads` reaches PyTorch's alone. */
const THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] as const;

/** Bytes: nothing is large enough to be mapped on its own, or to be given back once it is freed. */
const NEVER = String(2 ** 40);

/** Else every large tensor is mapped, cleared by the kernel page by page, and unmapped again. */
const KEEPS_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: NEVER,
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: NEVER,
  MALLOC_TOP_PAD_: String(64 * 2 ** 20),
} as const;

/** The AVX-512 convolutions of oneDNN 2.6, in Debian's PyTorch 1.13, corrupt memory; without AVX-512 this changes nothing. */
const SAFE_CONVOLUTIONS = { ONEDNN_MAX_CPU_ISA: "AVX2" } as const;

/**
 * Variables of a peer's process: as many threads as its row says, in every library.
 *
 * @param settings of the row
 * @returns variables beside this process's
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { peerEnvironment } from "./peer.ts";
 * const env = peerEnvironment({ threads: 1, keepsMemory: false });
 * assertEquals([env["OMP_NUM_THREADS"], env["MALLOC_MMAP_MAX_"]], ["1", undefined]);
 * ```
 */
export function peerEnvironment(
  { threads, keepsMemory }: PeerSettings,
): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(THREADS.map((name) => [name, String(threads)])),
    ...SAFE_CONVOLUTIONS,
    ...keepsMemory && KEEPS_MEMORY,
  };
}

/**
 * Runs a peer, whose time is not counted as other programs'.
 *
 * @param python the interpreter
 * @param args a script of bench/peers and its arguments; it prints one line of JSON with `processorSeconds`, its own in all
 * @param settings of the row
 * @param load that is watched
 * @returns what it printed
 * @throws {Error} a user error with Python's errors where it fails
 */
export async function runPeerProcess<T>(
  python: Interpreter,
  args: readonly string[],
  settings: PeerSettings,
  load?: Load,
): Promise<T> {
  const { success, text, errors } = await runPython(
    python,
    args,
    peerEnvironment(settings),
  );
  if (!success) throw userError(new Error(`Cannot measure with ${args[0]}: ${errors}`));
  const { processorSeconds = 0, ...printed } = JSON.parse(text) as {
    readonly processorSeconds?: number;
  };
  load?.countPeer(processorSeconds);
  return printed as T;
}

import { userError } from "seamstress";
import { type Abi, abiOf } from "./abi.ts";
import { check } from "./finish.ts";
import { environmentVariable, launcherOf } from "./launcher.ts";
import { openLibrary } from "./library.ts";
import type { Calls, Handle } from "./symbols.ts";

/** The ranks of the MPI job that this process is one of. */
export interface World {
  readonly calls: Calls;
  readonly abi: Abi;
  /** The library's version, for manifests: its first line. */
  readonly version: string;
  /** What this machine is called. */
  readonly host: string;
  /** Whether several threads may call MPI at the same time. */
  readonly parallel: boolean;
  /** Place among all ranks, from 0, and how many they are. */
  readonly rank: number;
  readonly size: number;
  /** Place among the ranks of this machine, from 0, and how many they are. */
  readonly local: number;
  readonly localSize: number;
}

/** @param ask a function that writes a text and its length */
function textOf(ask: Calls["MPI_Get_library_version"], name: string): string {
  const text = new Uint8Array(8192);
  const length = new Int32Array(1);
  check(ask(text, length), name);
  return new TextDecoder().decode(text.subarray(0, length[0])).replace(/[\0\s]+$/, "");
}

/** @returns whether several threads may call MPI at the same time */
function start(calls: Calls, { threads }: Abi, version: string): boolean {
  const got = new Int32Array(1);
  check(calls.MPI_Init_thread(null, null, threads.multiple, got), "MPI_Init_thread");
  if (got[0]! >= threads.serialized) return got[0]! >= threads.multiple;
  throw userError(
    new Error(
      `Cannot use ${version}: it is built without threads (MPI_THREAD_SERIALIZED), and ranks wait in a thread beside the program's`,
    ),
  );
}

/**
 * Starts MPI in this process. Once a process: MPI cannot be started again after it ended.
 *
 * @param path a library to use, where not the one of whatever started this process
 * @throws where there is no MPI, or it sees other ranks than were started
 */
export function joinWorld(path?: string): World {
  const launcher = launcherOf(environmentVariable);
  const { name, calls } = openLibrary(launcher, path);
  const version = textOf(calls.MPI_Get_library_version, "MPI_Get_library_version");
  const abi = abiOf(name, version);
  const parallel = start(calls, abi, version);
  const number = new Int32Array(1);
  const read = (ask: Calls["MPI_Comm_rank"], of: Handle) => {
    check(ask(of, number), "MPI_Comm_rank");
    return number[0]!;
  };
  const rank = read(calls.MPI_Comm_rank, abi.world);
  const size = read(calls.MPI_Comm_size, abi.world);
  if (size !== launcher.size) {
    throw userError(
      new Error(
        `Cannot join the MPI job: ${launcher.name} started ${launcher.size} processes, but ${name} (${
          version.split("\n")[0]
        }) sees ${size}: it is another MPI's; ${
          launcher.name === "srun"
            ? "choose what it talks with srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH)"
            : "start ranks with the mpirun of the same MPI"
        }`,
      ),
    );
  }
  // As many bytes as the widest handle; MPICH writes 32 bits.
  const machine = new BigUint64Array(1);
  check(
    calls.MPI_Comm_split_type(abi.world, abi.sameMachine, 0, abi.noInfo, machine),
    "MPI_Comm_split_type",
  );
  const here = machine[0]!;
  return {
    calls,
    abi,
    version: version.split("\n")[0]!,
    host: textOf(calls.MPI_Get_processor_name, "MPI_Get_processor_name"),
    parallel,
    rank,
    size,
    local: read(calls.MPI_Comm_rank, here),
    localSize: read(calls.MPI_Comm_size, here),
  };
}

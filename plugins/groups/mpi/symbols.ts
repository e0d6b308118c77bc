/** A handle of MPI: an address (Open MPI, the MPI 5 ABI) or 32 bits (MPICH). Either travels in one 64-bit register on x86-64 and arm64. */
export type Handle = bigint;

/** A call that is over at once. */
const call = <const P extends readonly Deno.NativeType[]>(parameters: P) =>
  ({ parameters, result: "i32" }) as const;

/** A call that waits for other ranks: on a thread of its own, so that timers, signals and data loading go on. */
const wait = <const N extends string, const P extends readonly Deno.NativeType[]>(
  name: N,
  parameters: P,
) => ({ name, parameters, result: "i32", nonblocking: true }) as const;

/** The functions of MPI that are called. A handle is `u64`, a count `i32`, an array or message `buffer`. */
export const SYMBOLS = {
  /** Text of at most 8192 bytes, its length. */
  MPI_Get_library_version: call(["buffer", "buffer"]),
  /** Text of at most 256 bytes, its length. */
  MPI_Get_processor_name: call(["buffer", "buffer"]),
  /** argc, argv, level wanted, level got. */
  MPI_Init_thread: call(["pointer", "pointer", "i32", "buffer"]),
  MPI_Finalize: call([]),
  /** Communicator, exit code. */
  MPI_Abort: wait("MPI_Abort", ["u64", "i32"]),
  /** The same for a process that is about to end: no thread would be given time. */
  abortNow: { ...call(["u64", "i32"]), name: "MPI_Abort" },
  MPI_Comm_rank: call(["u64", "buffer"]),
  MPI_Comm_size: call(["u64", "buffer"]),
  /** Communicator, what to split by, key, info, new communicator. */
  MPI_Comm_split_type: call(["u64", "i32", "i32", "u64", "buffer"]),
  /** Message, count, type, receiver, tag, communicator. */
  MPI_Send: wait("MPI_Send", ["buffer", "i32", "u64", "i32", "i32", "u64"]),
  /** Message, count, type, sender, tag, communicator, status: only of a message that has arrived. */
  MPI_Recv: call(["buffer", "i32", "u64", "i32", "i32", "u64", "u64"]),
  /** Sender, tag, communicator, whether a message has arrived, status. */
  MPI_Iprobe: call(["i32", "i32", "u64", "buffer", "u64"]),
  MPI_Barrier: wait("MPI_Barrier", ["u64"]),
  /** Message, count, type, root, communicator. */
  MPI_Bcast: wait("MPI_Bcast", ["buffer", "i32", "u64", "i32", "u64"]),
  /** Sent, count for each rank, type; received, count of each rank, type; communicator. */
  MPI_Alltoall: wait("MPI_Alltoall", ["buffer", "i32", "u64", "buffer", "i32", "u64", "u64"]),
  /** Sent, count, type; received, count of each rank, type; communicator. */
  MPI_Allgather: wait("MPI_Allgather", ["buffer", "i32", "u64", "buffer", "i32", "u64", "u64"]),
  /** Sent, count, type; received, counts, places, type; communicator. */
  MPI_Allgatherv: wait(
    "MPI_Allgatherv",
    ["buffer", "i32", "u64", "buffer", "buffer", "buffer", "u64", "u64"],
  ),
} as const;

/** The functions of an opened MPI library; each returns 0 where it succeeded. */
export type Calls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

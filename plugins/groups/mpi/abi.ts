import { userError } from "seamstress";
import type { Handle } from "./symbols.ts";

/** What a kind of MPI calls its predefined things: they are no functions, so every kind has values of its own. */
export interface Abi {
  /** For people. */
  readonly name: string;
  /** `MPI_COMM_WORLD`: every rank. */
  readonly world: Handle;
  /** `MPI_FLOAT`. */
  readonly float: Handle;
  /** `MPI_BYTE`. */
  readonly byte: Handle;
  /** `MPI_INFO_NULL`. */
  readonly noInfo: Handle;
  /** `MPI_COMM_TYPE_SHARED`: ranks that share memory, so those of one machine. */
  readonly sameMachine: number;
  /** `MPI_STATUS_IGNORE`. */
  readonly noStatus: Handle;
  /** `MPI_THREAD_SERIALIZED` and `MPI_THREAD_MULTIPLE`. */
  readonly threads: { readonly serialized: number; readonly multiple: number };
}

const THREADS = { serialized: 2, multiple: 3 };

/** MPICH and those that keep its ABI (Intel MPI, MVAPICH, Cray MPICH, ParaStation): `mpi.h` of MPICH 3.1 and later. */
const MPICH: Abi = {
  name: "MPICH",
  world: 0x44000000n,
  float: 0x4c00040an,
  byte: 0x4c00010dn,
  noInfo: 0x1c000000n,
  sameMachine: 1,
  noStatus: 1n,
  threads: THREADS,
};

/** The standard's own ABI: MPI 5.0, chapter 20 and appendix A. Not tried: no distribution that the tests run on has it. */
const STANDARD: Abi = {
  name: "the MPI 5 ABI",
  world: 0x101n,
  float: 0x210n,
  byte: 0x247n,
  noInfo: 0x130n,
  sameMachine: 221,
  noStatus: 0n,
  threads: { serialized: 2048, multiple: 4096 },
};

/** Open MPI's handles are the addresses of objects of its library. */
function openMpi(library: string): Abi {
  const address = (name: string): Handle => {
    const { symbols } = Deno.dlopen(library, { [name]: { type: "pointer" } });
    return Deno.UnsafePointer.value(symbols[name] as Deno.PointerValue);
  };
  return {
    name: "Open MPI",
    world: address("ompi_mpi_comm_world"),
    float: address("ompi_mpi_float"),
    byte: address("ompi_mpi_byte"),
    noInfo: address("ompi_mpi_info_null"),
    sameMachine: 0,
    noStatus: 0n,
    threads: THREADS,
  };
}

/**
 * Tells what kind of MPI a library is.
 *
 * @param library its file or soname: the standard calls a library of its own ABI `libmpi_abi`, whoever made it
 * @param version what `MPI_Get_library_version` says
 * @throws where it is of an unknown kind
 */
export function abiOf(library: string, version: string): Abi {
  if (/mpi_abi[^/]*$/.test(library)) return STANDARD;
  if (/^Open MPI\b/.test(version)) return openMpi(library);
  if (/MPICH|MVAPICH|Intel\(R\) MPI|ParaStation/i.test(version)) return MPICH;
  throw userError(
    new Error(
      `Cannot use the MPI library ${library}: it says ${JSON.stringify(version.split("\n")[0])}, ` +
        "which is of no known kind; known: Open MPI, MPICH and those with its ABI (Intel MPI, MVAPICH, Cray MPICH), " +
        "and libmpi_abi of MPI 5",
    ),
  );
}

import { messageOf, userError } from "seamstress";
import type { Launcher } from "./launcher.ts";
import { type Calls, SYMBOLS } from "./symbols.ts";

/** Names that the dynamic linker finds, by kind. `libmpi.so.12` is the name that MPICH's ABI prescribes, Debian's is `libmpich`. */
const NAMES = {
  openmpi: ["libmpi.so.40", "libmpi.so.80", "libopenmpi.so.40"],
  mpich: ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12"],
  standard: ["libmpi_abi.so.0", "libmpi_abi.so.1"],
};

/** An opened MPI library. */
export interface Library {
  /** Its file or soname. */
  readonly name: string;
  readonly calls: Calls;
}

/** Names to try, in order. */
function candidates({ mpi }: Launcher): readonly string[] {
  if (mpi === "openmpi") return [...NAMES.openmpi, ...NAMES.standard];
  if (mpi === "mpich") return [...NAMES.mpich, ...NAMES.standard];
  return [...NAMES.openmpi, ...NAMES.mpich, ...NAMES.standard];
}

const PACKAGES = {
  openmpi: "Open MPI: Debian's package openmpi-bin brings mpirun and the library, libopenmpi3",
  mpich: "MPICH: Debian's package mpich brings mpirun and the library, libmpich12",
};

function missing(tried: readonly string[], launcher: Launcher, why: string): Error {
  const wanted = launcher.mpi === undefined
    ? [PACKAGES.openmpi, PACKAGES.mpich]
    : [PACKAGES[launcher.mpi]];
  const needs = launcher.mpi === undefined ? "" : `, which ${launcher.name} needs`;
  return userError(
    new Deno.errors.NotFound(
      `Cannot use an MPI library${needs}: tried ${tried.join(", ")} (${why}); install ` +
        `${wanted.join(", or ")}; or name a library with --set group.library=/path/to/libmpi.so`,
    ),
  );
}

/**
 * Opens the MPI library of whatever started this process.
 *
 * @param launcher what started it
 * @param path a library to use instead of those that are known by name
 * @throws where none can be opened, naming the packages; where native code may not be called
 */
export function openLibrary(launcher: Launcher, path?: string): Library {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw userError(
      new Deno.errors.NotCapable(
        "Cannot call MPI: native code is not allowed here; start ranks with\n" +
          "  mpirun -n 4 deno task run-mpi RECIPE\nor give deno run --allow-ffi",
      ),
    );
  }
  const tried = path === undefined ? candidates(launcher) : [path];
  let why = "";
  for (const name of tried) {
    try {
      return { name, calls: Deno.dlopen(name, SYMBOLS).symbols };
    } catch (error) {
      const said = messageOf(error);
      // The first is the likeliest; what is there but cannot be used says more than what is absent.
      if (why === "" || /symbol/i.test(said)) why = said.replaceAll("\n", " ");
    }
  }
  throw missing(tried, launcher, why);
}

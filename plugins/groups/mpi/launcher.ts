import { userError } from "seamstress";

/** Environment variables that tell who started this process as one rank of how many; read where they are set, no others. */
export const LAUNCHER_VARIABLES = [
  "OMPI_COMM_WORLD_SIZE",
  "PMI_SIZE",
  "PMIX_RANK",
  "SLURM_STEP_NUM_TASKS",
] as const;

/** What started this process. */
export interface Launcher {
  /** For people. */
  readonly name: string;
  /** Which MPI its ranks can meet with, where that is known. */
  readonly mpi?: "openmpi" | "mpich";
  /** Processes that it started; 1 where nothing did. */
  readonly size: number;
}

/**
 * Tells what started this process. Two kinds of MPI may be installed, and ranks find one another with their launcher's only.
 *
 * @param get a variable's value, where it is set
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { launcherOf } from "./launcher.ts";
 * const started = launcherOf((name) => name === "PMI_SIZE" ? "4" : undefined);
 * assertEquals(started, { name: "MPICH's mpirun", mpi: "mpich", size: 4 });
 * assertEquals(launcherOf(() => undefined), { name: "no launcher", size: 1 });
 * ```
 */
export function launcherOf(
  get: (name: typeof LAUNCHER_VARIABLES[number]) => string | undefined,
): Launcher {
  const count = (name: typeof LAUNCHER_VARIABLES[number]) => Number(get(name) ?? NaN);
  if (count("OMPI_COMM_WORLD_SIZE") > 0) {
    return { name: "Open MPI's mpirun", mpi: "openmpi", size: count("OMPI_COMM_WORLD_SIZE") };
  }
  // Slurm's tasks, unless each is a daemon of an mpirun, which sets its own.
  const tasks = count("SLURM_STEP_NUM_TASKS");
  if (count("PMI_SIZE") > 0) {
    // srun --mpi=pmi2 serves either kind; MPICH is the one that is built for it.
    return {
      name: tasks > 0 ? "srun" : "MPICH's mpirun",
      mpi: "mpich",
      size: count("PMI_SIZE"),
    };
  }
  if (tasks > 0) {
    const pmix = get("PMIX_RANK") !== undefined;
    return { name: "srun", ...pmix && { mpi: "openmpi" }, size: tasks };
  }
  return { name: "no launcher", size: 1 };
}

/**
 * The variables of this process.
 *
 * @throws where they may not be read
 */
export function environmentVariable(name: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state === "granted") {
    return Deno.env.get(name);
  }
  throw userError(
    new Deno.errors.NotCapable(
      `Cannot tell what started this rank: reading the environment variable ${name} is not allowed; start ranks with\n` +
        "  mpirun -n 4 deno task run-mpi RECIPE\n" +
        `or give deno run --allow-env=${LAUNCHER_VARIABLES.join(",")}`,
    ),
  );
}

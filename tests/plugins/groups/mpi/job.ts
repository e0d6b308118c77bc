import { fromFileUrl } from "../../../../core/recipe/paths.ts";
import { LAUNCHER_VARIABLES } from "../../../../plugins/groups/mpi/launcher.ts";
import { leaveOut } from "../../../leave_out.ts";
import type { Hosts } from "./hosts.ts";

const ROOT = fromFileUrl(new URL("../../../..", import.meta.url));

/** A kind of MPI whose `mpirun` tests start jobs with. */
export interface Mpi {
  /** Program. */
  readonly mpirun: string;
  /** Its arguments for more ranks than cores. */
  readonly args: readonly string[];
  /** What its library says of itself. */
  readonly version: RegExp;
  /** Debian's package. */
  readonly debian: string;
}

export const OPEN_MPI: Mpi = {
  mpirun: "mpirun.openmpi",
  args: ["--oversubscribe"],
  version: /^Open MPI v/,
  debian: "openmpi-bin",
};

export const MPICH: Mpi = {
  mpirun: "mpirun.mpich",
  args: [],
  version: /^MPICH Version/,
  debian: "mpich",
};

/** The kinds that Debian has. */
const MPIS: readonly Mpi[] = [OPEN_MPI, MPICH];

function present(mpirun: string): boolean {
  try {
    return new Deno.Command(mpirun, { args: ["--version"] }).outputSync().success;
  } catch {
    // Absent; Deno then has no path to allow.
    return false;
  }
}

/**
 * Registers a test for every kind of MPI. Where one is absent it says so and is ignored; in CI it fails.
 *
 * @param name a sentence, to which the kind is added
 * @param fn the test
 * @param mpis all unless told
 */
export function mpiTest(
  name: string,
  fn: (mpi: Mpi) => Promise<void>,
  mpis: readonly Mpi[] = MPIS,
): void {
  for (const mpi of mpis) {
    const has = present(mpi.mpirun);
    const whole = `${name} (${mpi.mpirun})`;
    if (!has) leaveOut(`${whole}: not installed; Debian's package ${mpi.debian}`);
    Deno.test({ name: whole, ignore: !has, fn: () => fn(mpi) });
  }
}

/** What a job's ranks are. */
export interface Job {
  readonly mpi: Mpi;
  /** Where they run, if not here. */
  readonly hosts?: Hosts;
  readonly ranks: number;
  /** After `deno run`: permissions, module, its arguments. */
  readonly deno: readonly string[];
  /** Another command of Deno than `run`. */
  readonly command?: "run" | "task";
  readonly env?: Readonly<Record<string, string>>;
}

/** The permissions that every rank needs. */
export const RANK_PERMISSIONS = [
  "--no-prompt",
  "--allow-ffi",
  `--allow-env=${LAUNCHER_VARIABLES}`,
  "--allow-read",
] as const;

/** The command of a job. */
function jobCommand({ mpi, hosts, ranks, command = "run", deno, env = {} }: Job): Deno.Command {
  const [program, ...before] = [...hosts?.onFirst ?? [], mpi.mpirun] as [string, ...string[]];
  const places = [...hosts?.args ?? mpi.args, "-n", String(ranks)];
  return new Deno.Command(program, {
    args: [...before, ...places, Deno.execPath(), command, ...deno],
    cwd: ROOT,
    env: {
      NO_COLOR: "1",
      // Machines that run tests are often used as root, which Open MPI warns of.
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      // Ranks that wait let those that work have the core.
      OMPI_MCA_mpi_yield_when_idle: "1",
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a job to its end. */
export async function runJob(job: Job) {
  const began = performance.now();
  const { code, stdout, stderr } = await jobCommand(job).output();
  const decoder = new TextDecoder();
  return {
    code,
    out: decoder.decode(stdout),
    err: decoder.decode(stderr),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Starts a job that a test ends before its time. */
export function startJob(job: Job): Deno.ChildProcess {
  return jobCommand(job).spawn();
}

/** Every process of which a rank of a job is made: those whose command names a text. */
const FIND = `for p in /proc/[0-9]*; do
  tr '\\0' '\\n' <$p/environ 2>/dev/null | grep -qxE "(OMPI_COMM_WORLD|PMI)_RANK=$1" || continue
  tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -qF "$2" && echo \${p#/proc/}
done`;

/**
 * Finds the processes of a rank.
 *
 * @param rank a number, or a pattern of digits
 * @param text that its command names, such as its run folder
 */
export async function processesOf(rank: number | string, text: string): Promise<string[]> {
  const args = ["-c", FIND, "sh", String(rank), text];
  const { stdout } = await new Deno.Command("sh", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** Sends a signal to processes. */
export async function signal(name: string, pids: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'kill -s "$@"', "sh", name, ...pids],
  }).output();
  if (!success) throw new Error(`Cannot send ${name} to ${pids.join(" and ") || "no process"}`);
}

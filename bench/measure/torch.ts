import { userError } from "seamstress";
import type { Load } from "./load.ts";
import { peerEnvironment, type PeerSettings } from "./peer.ts";
import { skipped } from "./print.ts";
import { findPython, type Interpreter, PYTHONS } from "./python.ts";
import { Service } from "./service.ts";

/** Where PyTorch computes. */
export type Device = "cpu" | "cuda";

/**
 * Looks for a Python that has PyTorch; says so, loudly, where there is none.
 *
 * @param modules that it has to import besides
 * @param pythons interpreters, the first that has all is taken
 * @returns the interpreter and where it computes
 */
export async function findTorch(
  modules: readonly string[],
  pythons: readonly Interpreter[] = PYTHONS,
): Promise<{ readonly python: Interpreter; readonly device: Device } | undefined> {
  const imports = ["torch", ...modules].join(", ");
  const probe = `import ${imports}; print('cuda' if torch.cuda.is_available() else 'cpu')`;
  const found = await findPython(probe, pythons);
  if ("text" in found) return { python: found.python, device: found.text as Device };
  skipped(`PyTorch, since no Python imports ${imports}: ${found.notMeasured}`);
  return undefined;
}

/** A way in which PyTorch computes. */
export interface PeerRow extends PeerSettings {
  readonly name: string;
  readonly tf32?: boolean;
}

/**
 * The ways in which PyTorch computes: on one thread at its best and as it is shipped, on all cores at its best; on CUDA with TF32 off and
 * on.
 *
 * @param device where
 * @param cores of the machine
 * @returns the ways, by the names that results have
 */
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
 * Refuses results of a PyTorch that multiplies by the reference BLAS; Debian's takes whatever the system has.
 *
 * @param result whether it does
 * @param load of the machine; where it may be busy nothing is refused
 * @throws {RangeError} a user error that says what to install
 */
export function refuseSlowBlas(
  { referenceBlas }: { readonly referenceBlas: boolean },
  load?: Load,
): void {
  if (!referenceBlas || load?.busy === true) return;
  throw userError(
    new RangeError(
      "Cannot compare with PyTorch: it multiplies matrices by the reference BLAS, a twelfth as fast as OpenBLAS. Install one, such as " +
        "Debian's libopenblas0-pthread; --busy records all the same, marked",
    ),
  );
}

/** Where PyTorch is looked for, and how long its processes live. */
export interface TorchOptions {
  /** Default: those that are searched. */
  readonly pythons?: readonly Interpreter[] | undefined;
  readonly cores: number;
  readonly load: Load;
  /** Ends the processes. */
  readonly stack: AsyncDisposableStack;
}

/** PyTorch on the CPU, in a process of its own. */
export interface TorchService {
  readonly name: string;
  /** That it has. */
  readonly threads: number;
  /** Vectors, BLAS and version. */
  readonly device: string;
  readonly service: Service;
}

/**
 * Starts a script with PyTorch at its best, on one thread and on all cores.
 *
 * @param script path of the script, which answers `describe` as bench/peers/machine.py does
 * @param modules that it imports besides PyTorch
 * @param args gives the script's arguments, by number of threads
 * @param options where and how long
 * @returns a process each; none, loudly, where there is no PyTorch
 * @throws {RangeError} a user error, where it multiplies by the reference BLAS
 */
export async function torchServices(
  script: string,
  modules: readonly string[],
  args: (threads: number) => readonly string[],
  { pythons, cores, load, stack }: TorchOptions,
): Promise<TorchService[]> {
  const found = await findTorch(modules, pythons);
  if (!found) return [];
  const [program, ...before] = found.python;
  const services: TorchService[] = [];
  for (const row of peerRows("cpu", cores).filter(({ keepsMemory }) => keepsMemory)) {
    const { name } = row, env = peerEnvironment(row);
    const all = [...before, script, ...args(row.threads)];
    const service = stack.use(new Service({ program, args: all, env, name, load }));
    const { device, threads, ...blas } = await service.ask<
      { readonly device: string; readonly threads: number; readonly referenceBlas: boolean }
    >("describe");
    refuseSlowBlas(blas, load);
    services.push({ name, threads, device, service });
  }
  return services;
}

import { userError } from "seamstress";
import type { Load } from "./load.ts";
import type { PeerSettings } from "./peer.ts";
import { skipped } from "./print.ts";
import { findPython, type Interpreter, PYTHONS } from "./python.ts";

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

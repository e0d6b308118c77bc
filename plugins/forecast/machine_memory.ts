/** Part of a machine's memory that tensors may take: programs, code and buffers need the rest. */
const FOR_TENSORS = 0.75;

/** Memory of the machine, as far as this process may ask for it. */
export interface MachineMemory {
  /** All of it. */
  readonly bytes: number;
  /** What tensors of all programs' ranks together may take. */
  readonly forTensors: number;
}

/**
 * Asks how much memory the machine has, without asking for a permission.
 *
 * @returns undefined without `--allow-sys=systemMemoryInfo`
 */
export function machineMemory(): MachineMemory | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  if (state !== "granted") return undefined;
  const { total } = Deno.systemMemoryInfo();
  return { bytes: total, forTensors: FOR_TENSORS * total };
}

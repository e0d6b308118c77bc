/** Memory that a thread of MPI reads or writes: held here, as Deno does not keep it from the garbage collector until a call returns. */
const inUse = new Set<readonly ArrayBufferView[]>();

/**
 * Throws where a function of MPI failed. Most failures end the whole job inside MPI instead.
 *
 * @param code what it returned
 * @param name its name
 */
export function check(code: number, name: string): void {
  if (code !== 0) throw new Error(`Cannot go on: ${name} failed with MPI's error code ${code}`);
}

/**
 * Waits for a function of MPI that runs in a thread of its own.
 *
 * @param name its name
 * @param code what it returns
 * @param memory the arrays that it was given
 */
export async function finish(
  name: string,
  code: Promise<number>,
  ...memory: readonly ArrayBufferView[]
): Promise<void> {
  inUse.add(memory);
  try {
    check(await code, name);
  } finally {
    inUse.delete(memory);
  }
}

/** Whole numbers that a thread may be given: in memory of their own, as V8 moves the content of small arrays. */
export function int32(length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(new ArrayBuffer(4 * length));
}

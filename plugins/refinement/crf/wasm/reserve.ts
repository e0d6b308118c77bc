const PAGE = 2 ** 16, MOST_PAGES = 2 ** 16 - 1;

/** Makes a memory of WebAssembly's that can grow. @returns one page */
export function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
}

/**
 * Grows a memory where it is too small; views of it are invalid afterwards.
 *
 * @param memory that is needed
 * @param bytes how much of it
 * @param what cannot be done without, for the message
 * @throws {RangeError} where there is not as much
 */
export function reserve(memory: WebAssembly.Memory, bytes: number, what: string): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (error) {
    throw new RangeError(
      `Cannot ${what}: it needs ${(bytes / 2 ** 30).toFixed(1)} GiB, more than there is`,
      { cause: error },
    );
  }
}

/**
 * Tells whether an unpickled value is a list or a tuple.
 *
 * @param value any
 * @returns true for both
 */
export function isSequence(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * What `collections.OrderedDict` stands for.
 *
 * @param pairs keys and values, as Python 2 gives them; Python 3 sets them afterwards
 * @returns the dict
 */
export function orderedDict(pairs: unknown): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>();
  if (!isSequence(pairs)) return dict;
  for (const pair of pairs) {
    if (isSequence(pair)) dict.set(pair[0], pair[1]);
  }
  return dict;
}

/**
 * What copying an argument costs.
 *
 * @param arg any
 * @returns steps of a pickle machine
 */
export function copyingSteps(arg: unknown): number {
  return isSequence(arg) ? 8 * arg.length : typeof arg === "string" ? arg.length / 16 : 0;
}

/**
 * Reads an integer of any length.
 *
 * @param bytes two's complement, little-endian
 * @returns a bigint only where a number would round
 */
export function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[i]!);
  value = BigInt.asIntN(8 * bytes.length, value);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/**
 * Reads Latin-1, which `TextDecoder` takes for Windows-1252.
 *
 * @param bytes one a character
 * @returns byte values as code points
 */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 4096) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 4096)));
  }
  return parts.join("");
}

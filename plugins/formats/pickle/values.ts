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
 * Creates the dict for a dict class of `collections`.
 *
 * @param content pairs of key and value, or a dict; Python 3 usually passes none and sets the items afterwards
 * @returns the dict
 */
function dictOf(content: unknown): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>(content instanceof Map ? content : undefined);
  if (!isSequence(content)) return dict;
  for (const pair of content) {
    if (isSequence(pair)) dict.set(pair[0], pair[1]);
  }
  return dict;
}

/** Replacements for the dict classes of Python's `collections`; a `defaultdict` loses its default factory. */
export const DICTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["collections.OrderedDict", dictOf],
  ["collections.Counter", dictOf],
  ["collections.defaultdict", () => new Map()],
]);

/**
 * Returns the cost of copying an argument.
 *
 * @param arg any
 * @returns steps, as the unpickler counts them
 */
export function copyingSteps(arg: unknown): number {
  if (isSequence(arg)) return 8 * arg.length;
  if (arg instanceof Map) return 8 * arg.size;
  return typeof arg === "string" ? arg.length / 16 : 0;
}

/**
 * Reads an integer of any length.
 *
 * @param bytes two's complement, little-endian
 * @returns a bigint only where a number would lose precision
 */
export function integer(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const value = BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toReversed().toHex()}`));
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/**
 * Decodes Latin-1, which `TextDecoder` would decode as Windows-1252.
 *
 * @param bytes one per character
 * @returns byte values as code points
 */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 4096) {
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 4096)));
  }
  return parts.join("");
}

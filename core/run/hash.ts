/**
 * SHA-256 of bytes.
 *
 * @param bytes any
 * @returns 64 hex digits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashBytes } from "seamstress";
 * assertEquals((await hashBytes(new Uint8Array(0))).slice(0, 8), "e3b0c442");
 * ```
 */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * SHA-256 of any JSON value, independent of the order of keys.
 *
 * @param value plain JSON
 * @returns 64 hex digits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashJson } from "seamstress";
 * assertEquals(await hashJson({ a: 1, b: 2 }), await hashJson({ b: 2, a: 1 }));
 * ```
 */
export async function hashJson(value: unknown): Promise<string> {
  const text = JSON.stringify(
    value,
    (_, item) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1))
        : item,
  );
  return await hashBytes(new TextEncoder().encode(text));
}

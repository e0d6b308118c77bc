import type { StateArray, StateDict } from "../../../core/contracts/state_dict.ts";
import { decodeElements } from "../elements.ts";
import { headerLength, parseHeader, PREFIX } from "./header.ts";

/** Contents of a safetensors file. */
export interface Safetensors {
  /** Name → array, in the header's order, without tensors of unsupported types. */
  readonly tensors: StateDict;
  /** The header's `__metadata__`; empty where there is none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Decodes a safetensors file (huggingface/safetensors, format 1.0). Strict: every tensor's size in bytes must match its shape,
 * and every byte after the header must belong to exactly one tensor.
 *
 * @param bytes the whole file; float32 and integer arrays are views into it where alignment allows
 * @param from the file's name, for messages
 * @returns its tensors and metadata
 * @throws {SyntaxError} naming the file and the tensor
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "../safetensors.ts";
 * const bias = { dtype: "F32" as const, shape: [2], data: new Float32Array([1, -2]) };
 * const bytes = encodeSafetensors(new Map([["bias", bias]]), { kind: "example" });
 * const { tensors, metadata } = decodeSafetensors(bytes, "example.safetensors");
 * assertEquals(tensors.get("bias"), bias);
 * assertEquals(metadata, { kind: "example" });
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, from: string): Safetensors {
  const dataStart = PREFIX + headerLength(bytes, bytes.length, from);
  const { entries, metadata } = parseHeader(
    bytes.subarray(PREFIX, dataStart),
    bytes.length - dataStart,
    from,
  );
  const tensors = new Map<string, StateArray>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (!dtype) continue;
    const data = decodeElements(bytes.subarray(dataStart + begin, dataStart + end), dtype);
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}

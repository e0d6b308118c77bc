import type * as tf from "@tensorflow/tfjs";

/**
 * The part of tfjs's wasm backend that our kernels use. Declared here because tfjs's own types leave Emscripten's part out, and
 * because this code must also run where the wasm package was never imported.
 */
export interface Wasm {
  /** Where a tensor's elements begin in the heap, in bytes. */
  getMemoryOffset(dataId: tf.DataId): number;
  /** Makes a tensor for a result. */
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** Frees a tensor that no one else knows of. @returns whether its elements were freed */
  disposeData(dataId: tf.DataId): boolean;
  /** Counts one more tensor that shares the elements. */
  incRef(dataId: tf.DataId): void;
  /** Emscripten's module: the heap and its allocator. */
  readonly wasm: {
    /** Replaced by another array whenever memory grows. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    /** @returns a signed integer: above 2 GiB it is negative. Throws where memory is full: see tfjs_faults/wasm_out_of_memory.ts. */
    _malloc(bytes: number): number;
    _free(offset: number): void;
    readonly asm: { readonly memory: WebAssembly.Memory };
  };
}

/**
 * Byte offset of a tensor's elements on the wasm heap. An allocation invalidates views of the heap, but not offsets: allocate
 * everything first, then create views.
 *
 * @param wasm the backend
 * @param tensor on that backend
 * @returns the offset
 */
export function offsetOf(wasm: Wasm, tensor: tf.TensorInfo): number {
  return wasm.getMemoryOffset(tensor.dataId);
}

/**
 * Views float32 elements on the wasm heap; invalid after the next allocation.
 *
 * @param wasm the backend
 * @param offset in bytes
 * @param length in elements
 * @returns the view
 */
export function floatsAt(wasm: Wasm, offset: number, length: number): Float32Array {
  return new Float32Array(wasm.wasm.HEAPU8.buffer, offset, length);
}

/**
 * Allocates temporary memory on the wasm heap; it is freed even if `use` throws.
 *
 * @param wasm the backend
 * @param lengths in float32 elements, of each block
 * @param use gets the byte offset of each block
 * @returns what `use` returns
 * @throws RangeError where the heap is full
 */
export function withScratch<T>(
  wasm: Wasm,
  lengths: readonly number[],
  use: (...offsets: number[]) => T,
): T {
  const offsets: number[] = [];
  try {
    for (const length of lengths) {
      offsets.push(wasm.wasm._malloc(length * 4) >>> 0);
    }
    return use(...offsets);
  } finally {
    for (const offset of offsets) wasm.wasm._free(offset);
  }
}

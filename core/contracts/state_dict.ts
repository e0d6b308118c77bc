/** Element types that weights files hold and this project keeps. */
export type DType = "F32" | "F16" | "BF16" | "F64" | "I64" | "I32" | "U8";

/** One array of a state dict, in PyTorch's layout (OIHW, vectors as they are). */
export interface StateArray {
  /** The type in the file; floats are float32 in memory whatever it is. */
  readonly dtype: DType;
  /** In PyTorch's layout. */
  readonly shape: readonly number[];
  /** Elements row-major; F16, BF16 and F64 are widened or narrowed to float32 on reading, I64 to BigInt64Array. */
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

/** Parameter name → array, in file order. */
export type StateDict = ReadonlyMap<string, StateArray>;

import { BYTES } from "../safetensors/header.ts";
import type { DType } from "../../../core/contracts/state_dict.ts";

/** An element type of PyTorch's storages. */
export interface StorageType {
  /** PyTorch's class, such as `FloatStorage`. */
  readonly name: string;
  /** Bytes per element; 0 where the type is not known. */
  readonly width: number;
  /** The type that it is decoded as; absent for unsupported types. */
  readonly dtype?: DType;
}

const READ = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  DoubleStorage: "F64",
  LongStorage: "I64",
  IntStorage: "I32",
  ByteStorage: "U8",
} as const;

const NOT_READ = {
  BoolStorage: 1,
  CharStorage: 1,
  ShortStorage: 2,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
} as const;

/** Bytes whose element type the tensor gives; `torch.storage.UntypedStorage`. */
export const UNTYPED: StorageType = { name: "UntypedStorage", width: 1 };

/** PyTorch's storage classes; `torch/storage.py`. */
export const STORAGE_TYPES: readonly StorageType[] = [
  ...Object.entries(READ).map(([name, dtype]) => ({ name, width: BYTES[dtype], dtype })),
  ...Object.entries(NOT_READ).map(([name, width]) => ({ name, width })),
];

/** A contiguous array of elements that tensors are views of. */
export interface Storage {
  /** Its name in the file. */
  readonly key: string;
  /** Type of its elements. */
  readonly type: StorageType;
  /** Number of elements. */
  readonly length: number;
}

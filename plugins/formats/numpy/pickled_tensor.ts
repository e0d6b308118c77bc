import type { Broken } from "../byte_reader.ts";
import { bytesSource } from "../byte_source.ts";
import { decodeElements } from "../elements.ts";
import type { DType } from "../../../core/contracts/state_dict.ts";
import { openLegacy } from "../torch/legacy.ts";
import { StoragePart, tensorOf } from "../torch/objects.ts";
import type { NdArray, NumpyType } from "./ndarray.ts";

/** NumPy type of a tensor's elements, by PyTorch type; other floats become float32. */
const TYPES: Readonly<Partial<Record<DType, NumpyType>>> = { I64: "i8", I32: "i4", U8: "u1" };

/** A storage in a plain Python pickle, which contains it as a file of `torch.save`; `torch/storage.py`, `__reduce__`. */
class PickledStorage {
  constructor(readonly bytes: unknown) {}
}

/** A PyTorch tensor in a plain Python pickle, as NumPy writes objects; IRN's CAM files contain such tensors. */
export class PickledTensor {
  /** @param args of `torch._utils._rebuild_tensor_v2`: storage, offset, shape, strides, …; not yet validated */
  constructor(private readonly args: readonly unknown[]) {}

  /**
   * Copies the elements.
   *
   * @param broken creates the error where they are damaged, or of an unsupported type
   * @param spend called with the number of bytes before they are read or allocated
   * @returns row-major; floats of any kind as float32
   */
  toArray(broken: Broken, spend: (bytes: number) => void): NdArray {
    const [storage, ...place] = this.args;
    if (!(storage instanceof PickledStorage) || !(storage.bytes instanceof Uint8Array)) {
      throw broken("it is a tensor without its elements");
    }
    const { bytes } = storage;
    spend(bytes.length);
    const file = openLegacy(bytesSource(bytes, "a storage"), broken);
    if (!(file.root instanceof StoragePart)) throw broken("it is a tensor without its elements");
    const { type: { dtype, name } } = file.root.storage;
    if (!dtype) throw broken(`it is a tensor of a type that is not read, ${name}`);
    const tensor = tensorOf(file.root, place, broken);
    spend(8 * (tensor.count + tensor.storage.length));
    const data = tensor.elements(decodeElements(file.locate(tensor.storage)(), dtype)).slice();
    return { type: TYPES[dtype] ?? "f4", shape: tensor.shape, data };
  }
}

/**
 * The global names that PyTorch writes for tensors in plain Python pickles.
 *
 * @returns name → replacement
 */
export function tensorGlobals(): readonly (readonly [string, unknown])[] {
  return [
    ["torch._utils._rebuild_tensor_v2", (...args: readonly unknown[]) => new PickledTensor(args)],
    ["torch.storage._load_from_bytes", (bytes: unknown) => new PickledStorage(bytes)],
  ];
}

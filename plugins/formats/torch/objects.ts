import type { Broken } from "../byte_reader.ts";
import type { UnpickleOptions } from "../pickle/pickle.ts";
import { isSequence } from "../pickle/values.ts";
import { Opaque } from "../pickle/opaque.ts";
import { type Storage, STORAGE_TYPES, UNTYPED } from "./storage.ts";
import { TensorRecord } from "./tensor_record.ts";

/** PyTorch's limit. */
const MAX_DIMENSIONS = 64;

/** A whole storage, or in files of PyTorch 0.4 and earlier possibly a part of one. */
export class StoragePart {
  constructor(readonly storage: Storage, readonly offset: number, readonly length: number) {}
}

/** Options for unpickling PyTorch's objects. */
export interface TorchObjects {
  /** Replacements that create a `TensorRecord` for every tensor. */
  readonly options: UnpickleOptions;
  /** Every storage that the pickle referred to, by key. */
  readonly storages: ReadonlyMap<string, Storage>;
}

/**
 * The names that `torch.save` writes for tensors; `torch/_utils.py`, `torch/serialization.py`.
 *
 * @param broken creates the error for a tensor that exceeds its storage
 * @returns options for unpickling, and the storages, which are complete once the pickle was read
 */
export function torchObjects(broken: Broken): TorchObjects {
  const storages = new Map<string, Storage>();
  const rebuild = (part: unknown, ...place: readonly unknown[]) => tensorOf(part, place, broken);
  const globals = new Map<string, unknown>([
    ["torch._utils._rebuild_tensor", rebuild],
    ["torch._utils._rebuild_tensor_v2", rebuild],
    ["torch._utils._rebuild_parameter", (tensor: unknown) => tensor],
    ["torch._utils._rebuild_parameter_with_state", (tensor: unknown) => tensor],
    // A tensor with attributes of its own, or of a subclass.
    [
      "torch._tensor._rebuild_from_type_v2",
      (make: unknown, _type: unknown, args: unknown) =>
        make === rebuild && isSequence(args)
          ? rebuild(args[0], ...args.slice(1))
          : new Opaque("torch.Tensor"),
    ],
    ["torch._utils._rebuild_tensor_v3", rebuild],
    ["torch.storage.UntypedStorage", UNTYPED],
    ...STORAGE_TYPES.map((type): [string, unknown] => [`torch.${type.name}`, type]),
  ]);
  const persistent = (id: unknown) =>
    // PyTorch before 1.6 saved modules with this id, together with their source code.
    isSequence(id) && id[0] === "module" && id[1] instanceof Opaque
      ? id[1]
      : storagePart(id, storages, broken);
  return { options: { globals, persistent }, storages };
}

/** @param id `("storage", class, key, device, length)` and perhaps `(view key, offset, length)` or null */
function storagePart(id: unknown, storages: Map<string, Storage>, broken: Broken): StoragePart {
  const [what, givenType, key, , length, view] = isSequence(id) ? id : [];
  const known = typeof key === "string" ? storages.get(key)?.type : undefined;
  const type = givenType instanceof Opaque
    ? known?.name === givenType.name ? known : { name: givenType.name, width: 0 }
    : [...STORAGE_TYPES, UNTYPED].find((type) => type === givenType);
  if (what !== "storage" || !type || typeof key !== "string" || !isCount(length)) {
    throw broken("its pickle refers to a storage that it does not describe");
  }
  const storage = storages.get(key) ?? { key, type, length };
  if (storage.type !== type || storage.length !== length) {
    throw broken(
      `storage ${key} is ${storage.length} ${storage.type.name} in one place, ${length} ${type.name} in another`,
    );
  }
  storages.set(key, storage);
  if (!isSequence(view)) return new StoragePart(storage, 0, length);
  const [, offset, viewLength] = view;
  if (!isCount(offset) || !isCount(viewLength) || offset + viewLength > length) {
    throw broken(`a view of storage ${key} does not lie inside it`);
  }
  return new StoragePart(storage, offset, viewLength);
}

/**
 * Creates a tensor record from values of the pickle. They are copied, so that later opcodes cannot change it.
 *
 * @param part of a storage
 * @param place offset, shape and strides, in elements
 * @param broken creates the error where they are invalid
 * @returns the tensor, within the bounds of the part
 */
export function tensorOf(
  part: unknown,
  [offset, givenShape, givenStrides]: readonly unknown[],
  broken: Broken,
): TensorRecord {
  const shape = counts(givenShape), strides = counts(givenStrides);
  if (
    !(part instanceof StoragePart) || !isCount(offset) ||
    !shape || !strides || shape.length !== strides.length
  ) {
    throw broken("its pickle describes a tensor without storage, offset, shape or strides");
  }
  const tensor = new TensorRecord(part.storage, part.offset + offset, shape, strides);
  const last = shape.reduce((at, size, d) => at + (size - 1) * strides[d]!, offset);
  if (!Number.isSafeInteger(tensor.count) || tensor.count > 0 && last >= part.length) {
    throw broken(
      `a tensor of shape [${shape}], strides [${strides}] and offset ${offset} does not lie inside the ${part.length} elements of storage ${part.storage.key}`,
    );
  }
  return tensor;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A copy: the pickle may change a list after it has been checked. */
function counts(value: unknown): readonly number[] | undefined {
  if (!isSequence(value) || value.length > MAX_DIMENSIONS || !value.every(isCount)) {
    return undefined;
  }
  return [...value];
}

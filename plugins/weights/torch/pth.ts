import {
  type ArrayShape,
  byteBudget,
  type ByteSource,
  decodeElements,
  type DType,
  type Elements,
  openArchive,
  openLegacy,
  type StateArray,
  type StateDict,
  type StateShapes,
  type Storage,
  TensorRecord,
  type Unread,
  userError,
} from "seamstress";
import { describe, findStateDict, resave } from "./state_dict.ts";

/** First bytes of a zip archive, and of a pickle of protocol 2 or later. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const PICKLE = [0x80];

/** A state dict in a file of `torch.save`, whose tensors are not read yet. */
export interface Pth {
  /** Names, types and shapes of its tensors; also what is not read. */
  readonly shapes: StateShapes;
  /**
   * @returns PyTorch names and layouts, without what is not read; tensors that share a storage share memory
   * @throws {SyntaxError} naming the file where a storage is damaged, or tensors repeat theirs beyond measure
   */
  read(): StateDict;
}

/**
 * Opens a file of `torch.save`, of either format, and checks all but the tensors' elements. Nothing in it is executed.
 *
 * @param source the file
 * @param key of the entry that is the state dict; without it the entry `state_dict`, else the only entry that is a dict with
 *   tensors, else the file itself
 * @returns the state dict, to be read while the source is open
 * @throws {SyntaxError} naming the file where it is damaged, or has no state dict there
 */
export function openPth(source: ByteSource, key?: string): Pth {
  const broken = (problem: string) =>
    userError(new SyntaxError(`Cannot read ${source.name} as PyTorch weights: ${problem}`));
  const start = source.read(0, Math.min(4, source.size));
  const begins = (signature: readonly number[]) => signature.every((byte, i) => start[i] === byte);
  if (!begins(ZIP) && !begins(PICKLE)) {
    throw broken("it begins as neither a zip archive nor a pickle, the two formats of torch.save");
  }
  const file = begins(ZIP) ? openArchive(source, broken) : openLegacy(source, broken);
  const shapes = new Map<string, ArrayShape | Unread>();
  const tensors: { name: string; tensor: TensorRecord; dtype: DType; load: () => Uint8Array }[] =
    [];
  for (const [name, tensor] of findStateDict(file.root, key, broken)) {
    const dtype = tensor instanceof TensorRecord ? tensor.storage.type.dtype : undefined;
    if (!(tensor instanceof TensorRecord) || !dtype) {
      shapes.set(name, { unread: unread(tensor) });
    } else {
      shapes.set(name, { dtype, shape: tensor.shape });
      tensors.push({ name, tensor, dtype, load: file.locate(tensor.storage) });
    }
  }
  return {
    shapes,
    read() {
      const spend = byteBudget(source.size, broken);
      const loaded = new Map<Storage, Elements>();
      return new Map(tensors.map(({ name, tensor, dtype, load }): [string, StateArray] => {
        let data = loaded.get(tensor.storage);
        if (!data) {
          data = decodeElements(load(), dtype);
          loaded.set(tensor.storage, data);
        }
        if (!tensor.contiguous) spend(tensor.count * data.BYTES_PER_ELEMENT);
        return [name, { dtype, shape: tensor.shape, data: tensor.elements(data) }];
      }));
    },
  };
}

/** Describes a value that is not a tensor of a supported type, for messages. */
function unread(value: unknown): string {
  return value instanceof TensorRecord
    ? `is of a type that is not read, ${value.storage.type.name}`
    : `is ${describe(value)} and no tensor${resave(value)}`;
}

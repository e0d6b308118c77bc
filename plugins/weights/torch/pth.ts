import { byteBudget } from "../../../core/formats/byte_budget.ts";
import type { ByteSource } from "../../../core/formats/byte_source.ts";
import { decodeElements, type Elements } from "../../../core/formats/elements.ts";
import { mistake } from "../../../core/errors.ts";
import type { StateShapes } from "../../../core/trainer/params/mismatch.ts";
import type { StateArray, StateDict } from "../../../core/formats/state_dict.ts";
import { openArchive } from "../../wsss/torch/archive.ts";
import { openLegacy } from "../../wsss/torch/legacy.ts";
import { show } from "../../../core/registry/option_errors.ts";
import { describe, findStateDict } from "./state_dict.ts";
import type { Storage } from "../../wsss/torch/storage.ts";
import { TensorRecord } from "../../wsss/torch/tensor_record.ts";

/** First bytes of a zip archive, and of a pickle of protocol 2 or later. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const PICKLE = [0x80];

/** A state dict in a file of `torch.save`, whose tensors are not read yet. */
export interface Pth {
  /** Names, types and shapes of its tensors. */
  readonly shapes: StateShapes;
  /**
   * @returns PyTorch names and layouts; tensors that share a storage share memory
   * @throws {SyntaxError} naming the file where a storage is damaged, or tensors repeat theirs beyond measure
   */
  read(): StateDict;
}

/**
 * Opens a file of `torch.save`, of either format, and checks all but the tensors' elements. Nothing in it is executed.
 *
 * @param source the file
 * @param key of the entry that is the state dict; without it the file itself is it, or its entry `state_dict`
 * @returns the state dict, to be read while the source is open
 * @throws {SyntaxError} naming the file where it is damaged, holds other objects than tensors and plain containers, or has no state
 *   dict there
 */
export function openPth(source: ByteSource, key?: string): Pth {
  const broken = (problem: string) =>
    mistake(new SyntaxError(`Cannot read ${source.name} as PyTorch weights: ${problem}`));
  const start = source.read(0, Math.min(4, source.size));
  const begins = (signature: readonly number[]) => signature.every((byte, i) => start[i] === byte);
  if (!begins(ZIP) && !begins(PICKLE)) {
    throw broken("it begins as neither a zip archive nor a pickle, the two formats of torch.save");
  }
  const file = begins(ZIP) ? openArchive(source, broken) : openLegacy(source, broken);
  const tensors = [...findStateDict(file.root, key, broken)].map(([name, tensor]) => {
    if (!(tensor instanceof TensorRecord)) {
      throw broken(`${show(name)} in it is ${describe(tensor)} and no tensor`);
    }
    const { type: { dtype, name: type } } = tensor.storage;
    if (!dtype) throw broken(`tensor "${name}" is of a type that is not read, ${type}`);
    return { name, tensor, dtype, load: file.locate(tensor.storage) };
  });
  return {
    shapes: new Map(tensors.map(({ name, tensor: { shape }, dtype }) => [name, { dtype, shape }])),
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

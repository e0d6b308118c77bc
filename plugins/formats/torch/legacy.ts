import { type Broken, ByteReader } from "../byte_reader.ts";
import type { ByteSource } from "../byte_source.ts";
import { unpickle } from "../pickle/pickle.ts";
import { isSequence } from "../pickle/values.ts";
import { show } from "../../../core/registry/option_errors.ts";
import { torchObjects } from "./objects.ts";
import type { TorchFile } from "./torch_file.ts";

/** Magic number, from `torch/serialization.py`. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Options for pickles of plain values. */
const PLAIN = { globals: new Map<string, unknown>() };

/**
 * Opens a file as written by PyTorch before 1.6: pickles of a magic number, the protocol, system information, the object and
 * the storages' keys, then each storage's length and elements in the order of the keys.
 *
 * @param source the file
 * @param broken creates the error for a damaged file
 * @returns the object, and access to its storages
 */
export function openLegacy(source: ByteSource, broken: Broken): TorchFile {
  const reader = new ByteReader(source, broken);
  if (unpickle(reader, PLAIN) !== MAGIC) throw broken("it is a pickle, but not of torch.save");
  if (unpickle(reader, PLAIN) !== PROTOCOL) throw broken(`its protocol is not ${PROTOCOL}`);
  const machine = unpickle(reader, PLAIN);
  if (!(machine instanceof Map) || machine.get("little_endian") !== true) {
    throw broken("it does not say that its numbers are little-endian");
  }
  const { options, storages } = torchObjects(broken);
  const root = unpickle(reader, options);
  const keys = unpickle(reader, PLAIN);
  if (!isSequence(keys)) throw broken("it does not list its storages");
  const begins = new Map<string, number>();
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage || begins.has(storage.key)) {
      throw broken("it lists a storage twice, or one that no tensor shows");
    }
    const length = reader.u64();
    if (length !== storage.length) {
      throw broken(
        `storage ${storage.key} has ${length} elements, its pickle says ${storage.length}`,
      );
    }
    if (storage.type.width === 0) {
      throw broken(
        `storage ${storage.key} is of ${
          show(storage.type.name)
        }, whose elements have an unknown size`,
      );
    }
    begins.set(storage.key, reader.position);
    reader.skip(length * storage.type.width);
  }
  if (reader.remaining > 0) {
    throw broken(`${reader.remaining} bytes follow its last storage, which belong to nothing`);
  }
  return {
    root,
    locate({ key, type, length }) {
      const begin = begins.get(key);
      if (begin === undefined) throw broken(`it lacks storage ${key}`);
      return () => source.read(begin, begin + length * type.width);
    },
  };
}

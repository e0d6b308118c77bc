import { type Broken, ByteReader } from "../byte_reader.ts";
import { type ByteSource, bytesSource } from "../byte_source.ts";
import { unpickle } from "../pickle/pickle.ts";
import { torchObjects } from "./objects.ts";
import type { TorchFile } from "./torch_file.ts";
import { listZip, readZipEntry } from "./zip.ts";

/** End of the pickle's entry name; the part before it is the prefix of every other entry name. */
const PICKLE = "/data.pkl";

/**
 * Opens a file as written by PyTorch since 1.6: a zip archive of `NAME/data.pkl` and one entry `NAME/data/KEY` per storage.
 *
 * @param source the file
 * @param broken creates the error for a damaged file
 * @returns the object, and access to its storages
 */
export function openArchive(source: ByteSource, broken: Broken): TorchFile {
  const entries = listZip(source, broken);
  const pickles = [...entries.values()].filter(({ name }) => name.endsWith(PICKLE));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1) {
    throw broken(`it is a zip archive with ${pickles.length} data.pkl; torch.save writes one`);
  }
  const prefix = pickle.name.slice(0, -PICKLE.length);
  const order = entries.get(`${prefix}/byteorder`);
  if (order && new TextDecoder().decode(readZipEntry(source, order, broken)) !== "little") {
    throw broken("it does not say that its numbers are little-endian");
  }
  const bytes = bytesSource(readZipEntry(source, pickle, broken), source.name);
  const root = unpickle(new ByteReader(bytes, broken), torchObjects(broken).options);
  return {
    root,
    locate({ key, type, length }) {
      const entry = entries.get(`${prefix}/data/${key}`);
      if (!entry) throw broken(`it lacks storage ${key}`);
      const size = entry.end - entry.begin;
      if (size !== length * type.width) {
        throw broken(`storage ${key} has ${size} bytes, its pickle says ${length} ${type.name}`);
      }
      return () => readZipEntry(source, entry, broken);
    },
  };
}

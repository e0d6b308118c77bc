import type { Storage } from "./storage.ts";

/** A file of `torch.save` whose pickle was read; the storages are read later. */
export interface TorchFile {
  /** What was saved, with a `TensorRecord` for every tensor. */
  readonly root: unknown;
  /**
   * Finds the bytes of a storage.
   *
   * @param storage of a tensor in `root`
   * @returns a function that reads and checks the bytes
   */
  locate(storage: Storage): () => Uint8Array;
}

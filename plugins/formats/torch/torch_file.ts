import type { Storage } from "./storage.ts";

/** A file of `torch.save`: its pickle read, its storages still in the file. */
export interface TorchFile {
  /** What was saved, with a `TensorRecord` for every tensor. */
  readonly root: unknown;
  /**
   * Finds a storage's bytes, as many as its elements need.
   *
   * @param storage that a tensor of `root` shows
   * @returns reads and checks the bytes
   */
  locate(storage: Storage): () => Uint8Array;
}

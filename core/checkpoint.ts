import { writeAtomic } from "./atomic.ts";
import { messageOf, mistake } from "./errors.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import type { StateDict } from "./state_dict.ts";

/** Which checkpoint: the newest, or the one of the lowest loss. */
export type CheckpointTag = "last" | "best";

/** What a checkpoint holds. */
export interface Checkpoint {
  /** Optimizer steps done. */
  readonly step: number;
  /** The network: PyTorch names and layouts. */
  readonly weights: StateDict;
  /** What is needed to train on, besides the weights; not in `best`. */
  readonly training?: {
    /** The optimizer's state, by its own names, in shapes as on the backend. */
    readonly optimizer: StateDict;
    /** Plain JSON. */
    readonly progress: unknown;
  };
}

/** A checkpoint in its folder. */
export interface SavedCheckpoint {
  readonly step: number;
  /** Path of the weights: safetensors that PyTorch loads too. */
  readonly weights: string;
}

/** A file that a pointer names. */
interface Named {
  readonly file: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** `last.json` and `best.json`. */
interface Pointer {
  readonly step: number;
  readonly weights: Named;
  readonly training?: Named;
}

/**
 * The checkpoints of one training, in a folder:
 *
 * ```text
 * last.json                      names the two files of the newest checkpoint, with their hashes
 * last-600.safetensors           weights, PyTorch names and layouts
 * last-600.state.safetensors     optimizer state; progress in its metadata
 * best.json, best-420.safetensors
 * ```
 *
 * The pointer is written last, at once, and the files it named before are removed after that: whenever the process is killed,
 * a pointer names whole files. Random numbers need no state: they are derived from seed and step.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Checkpoints } from "./checkpoint.ts";
 * const folder = await Deno.makeTempDir();
 * const checkpoints = await Checkpoints.open(folder);
 * assertEquals(await checkpoints.last(), undefined);
 * const bias = { dtype: "F32" as const, shape: [2], data: new Float32Array([1, 2]) };
 * await checkpoints.save("last", { step: 7, weights: new Map([["bias", bias]]) });
 * assertEquals((await checkpoints.last())?.step, 7);
 * assertEquals((await checkpoints.read("last"))?.weights.get("bias"), bias);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class Checkpoints {
  private constructor(readonly folder: string) {}

  /**
   * Opens a folder of checkpoints, and makes it where there is none.
   *
   * @param folder its path; its parent exists
   * @returns the checkpoints in it
   */
  static async open(folder: string): Promise<Checkpoints> {
    await Deno.mkdir(folder, { recursive: true });
    return new Checkpoints(folder);
  }

  /** @returns the newest checkpoint, or `undefined` before the first */
  last(): Promise<SavedCheckpoint | undefined> {
    return this.#find("last");
  }

  /** @returns the checkpoint of the lowest loss, or `undefined` before the first */
  best(): Promise<SavedCheckpoint | undefined> {
    return this.#find("best");
  }

  /**
   * Saves a checkpoint in place of the one of that tag.
   *
   * @param tag which
   * @param checkpoint what to save
   * @returns where it is
   * @throws {Error} naming the file where it cannot be written; the checkpoint before stays
   */
  async save(tag: CheckpointTag, checkpoint: Checkpoint): Promise<SavedCheckpoint> {
    const { step, weights, training } = checkpoint;
    // A run that was resumed from before its best epoch reaches it again: its files would change under the pointer.
    if ((await this.#pointer(tag))?.step === step) await Deno.remove(this.#path(`${tag}.json`));
    const pointer: Pointer = {
      step,
      weights: await this.#write(
        `${tag}-${step}.safetensors`,
        // The format is what Hugging Face's loaders ask for.
        encodeSafetensors(weights, { format: "pt", step: String(step) }),
      ),
      ...training && {
        training: await this.#write(
          `${tag}-${step}.state.safetensors`,
          encodeSafetensors(training.optimizer, { progress: JSON.stringify(training.progress) }),
        ),
      },
    };
    await writeAtomic(this.#path(`${tag}.json`), JSON.stringify(pointer, null, 2) + "\n");
    await this.#removeOthers(tag, pointer);
    return { step, weights: this.#path(pointer.weights.file) };
  }

  /**
   * Reads a checkpoint.
   *
   * @param tag which
   * @returns all it holds, or `undefined` where there is none
   * @throws {Error} naming the file that is missing or was changed since it was written
   */
  async read(tag: CheckpointTag): Promise<Checkpoint | undefined> {
    const pointer = await this.#pointer(tag);
    if (pointer === undefined) return undefined;
    const { tensors: weights } = await this.#read(pointer.weights);
    if (pointer.training === undefined) return { step: pointer.step, weights };
    const { tensors: optimizer, metadata } = await this.#read(pointer.training);
    const progress: unknown = JSON.parse(metadata["progress"] ?? "null");
    return { step: pointer.step, weights, training: { optimizer, progress } };
  }

  #path(file: string): string {
    return `${this.folder}/${file}`;
  }

  async #find(tag: CheckpointTag): Promise<SavedCheckpoint | undefined> {
    const pointer = await this.#pointer(tag);
    return pointer && { step: pointer.step, weights: this.#path(pointer.weights.file) };
  }

  async #pointer(tag: CheckpointTag): Promise<Pointer | undefined> {
    const path = this.#path(`${tag}.json`);
    try {
      const pointer: Pointer = JSON.parse(await Deno.readTextFile(path));
      if (Number.isInteger(pointer?.step) && typeof pointer.weights?.file === "string") {
        return pointer;
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw mistake(new SyntaxError(`Cannot read ${path}: it was changed and names no checkpoint`));
  }

  async #write(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<Named> {
    await writeAtomic(this.#path(file), bytes);
    return { file, sha256: await sha256(bytes) };
  }

  async #read(named: Named): Promise<ReturnType<typeof decodeSafetensors>> {
    const path = this.#path(named.file);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      throw mistake(
        new Error(`Cannot read the checkpoint ${path}: ${messageOf(error)}`, { cause: error }),
      );
    }
    if (await sha256(bytes) !== named.sha256) {
      throw mistake(
        new Error(`Cannot read the checkpoint ${path}: it was changed since it was written`),
      );
    }
    return decodeSafetensors(bytes, path);
  }

  /** Removes the files of earlier checkpoints of a tag, and what killed writes left. */
  async #removeOthers(tag: CheckpointTag, pointer: Pointer): Promise<void> {
    const kept = [pointer.weights.file, pointer.training?.file];
    for await (const { name } of Deno.readDir(this.folder)) {
      const isOfTag = name.startsWith(`${tag}-`) && /\.safetensors(\.tmp)?$/.test(name);
      if (isOfTag && !kept.includes(name)) await Deno.remove(this.#path(name));
    }
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

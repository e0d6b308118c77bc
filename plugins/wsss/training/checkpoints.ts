import * as z from "zod";
import type { WriteFile } from "../../../core/contracts/write_file.ts";
import { isUserError, messageOf, userError } from "../../../core/errors.ts";
import { hashBytes } from "../../../core/run/hash.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import type {
  Checkpoint,
  CheckpointStore,
  CheckpointTag,
  SavedCheckpoint,
} from "../../../core/contracts/checkpoint_store.ts";

/** A file that a pointer names; within the folder, so that no pointer leads elsewhere. */
const named = z.object({ file: z.string().regex(/^[^/\\]+$/), sha256: z.string() });
type Named = Readonly<z.output<typeof named>>;

/** `last.json`, `last.previous.json` and `best.json`. */
const pointer = z.object({
  step: z.int().min(0),
  weights: named,
  training: named.optional(),
});
type Pointer = Readonly<z.output<typeof pointer>>;

/** Before the names of what method and losses keep, in the file of the optimizer's state. */
const KEPT = "kept across steps/";
const PREVIOUS = "last.previous";
type PointerName = CheckpointTag | typeof PREVIOUS;

/**
 * Stores the checkpoints of one training in a folder:
 *
 * ```text
 * last.json                      names the two files of the newest checkpoint, with their hashes
 * last.previous.json             the same of the one before, for where the newest is damaged
 * last-600.safetensors           weights, PyTorch names and layouts
 * last-600.state.safetensors     optimizer state, that of method and losses; progress in its metadata
 * last-500.safetensors, last-500.state.safetensors
 * best.json, best-420.safetensors
 * ```
 *
 * The pointers are written last, each at once, and files that neither names are removed after that: whenever the process is killed,
 * they name whole files. Random numbers need no state: they are derived from seed and step.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAtomic } from "seamstress";
 * import { Checkpoints } from "seamstress/wsss";
 * const folder = await Deno.makeTempDir();
 * const checkpoints = await Checkpoints.open(folder, writeAtomic);
 * assertEquals(await checkpoints.last(), undefined);
 * const bias = { dtype: "F32" as const, shape: [2], data: new Float32Array([1, 2]) };
 * await checkpoints.save("last", { step: 7, weights: new Map([["bias", bias]]) });
 * assertEquals((await checkpoints.last())?.step, 7);
 * assertEquals((await checkpoints.read("last"))?.weights.get("bias"), bias);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class Checkpoints implements CheckpointStore {
  readonly #writeFile: WriteFile;

  private constructor(readonly folder: string, writeFile: WriteFile) {
    this.#writeFile = writeFile;
  }

  /**
   * Opens a folder of checkpoints, and makes it where there is none.
   *
   * @param folder its path; its parent exists
   * @param write writes its files: a stage's `context.write`, or `writeAtomic` elsewhere
   * @returns the checkpoints in it
   */
  static async open(folder: string, write: WriteFile): Promise<Checkpoints> {
    await Deno.mkdir(folder, { recursive: true });
    return new Checkpoints(folder, write);
  }

  /**
   * Finds the newest checkpoint.
   *
   * @returns the newest checkpoint, or `undefined` before the first
   */
  last(): Promise<SavedCheckpoint | undefined> {
    return this.#find("last");
  }

  /**
   * Finds the checkpoint of the lowest loss.
   *
   * @returns the checkpoint of the lowest loss, or `undefined` before the first
   */
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
    // A pointer that was damaged names nothing worth keeping.
    let before = await this.#pointer(tag).catch((error) => {
      if (!isUserError(error)) throw error;
      return undefined;
    });
    // A run that was resumed from before its best epoch reaches it again: its files would change under the pointer.
    if (before?.step === step) {
      await Deno.remove(this.#path(`${tag}.json`));
      before = undefined;
    }
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
          encodeSafetensors(
            new Map([
              ...training.optimizer,
              ...[...training.state ?? []].map(([name, array]) => [KEPT + name, array] as const),
            ]),
            { progress: JSON.stringify(training.progress) },
          ),
        ),
      },
    };
    const kept = [pointer];
    if (tag === "last") {
      if (before) await this.#point(PREVIOUS, before);
      const previous = await this.#pointer(PREVIOUS);
      if (previous) kept.push(previous);
    }
    await this.#point(tag, pointer);
    await this.#removeOthers(tag, kept);
    return { step, weights: this.#path(pointer.weights.file) };
  }

  /**
   * Goes back to the checkpoint before where a file of the newest is missing or was changed since it was written, as a disk that
   * fails may do; to be called before a training is continued.
   *
   * @param stage id of the stage that is trained, for messages
   * @returns what was wrong and where the training goes on; `undefined` where nothing was wrong
   * @throws {Error} where the one before is damaged too: the stage must be begun anew
   */
  async recover(stage: string): Promise<string | undefined> {
    const errors: string[] = [];
    for (const name of ["last", PREVIOUS] as const) {
      try {
        const pointer = await this.#pointer(name);
        if (!pointer) continue;
        for (const file of [pointer.weights, pointer.training]) {
          if (file) await this.#bytes(file);
        }
        if (errors.length === 0 && name === "last") return undefined;
        await this.#point("last", pointer);
        const gone = errors[0] ?? `${this.#path("last.json")} is missing`;
        return `${gone}; going back to the checkpoint before, of step ${pointer.step}`;
      } catch (error) {
        if (!isUserError(error)) throw error;
        errors.push(error.message);
      }
    }
    if (errors.length === 0) return undefined;
    throw userError(
      new Error(
        `Cannot continue training ${stage}: ${errors.join("; ")}; ` +
          `there is no other checkpoint: train it anew with --from ${stage}`,
      ),
    );
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
    const { tensors, metadata } = await this.#read(pointer.training);
    const progress: unknown = JSON.parse(metadata["progress"] ?? "null");
    const isKept = (name: string) => name.startsWith(KEPT);
    const optimizer = new Map([...tensors].filter(([name]) => !isKept(name)));
    const state = new Map(
      [...tensors].filter(([name]) => isKept(name))
        .map(([name, array]) => [name.slice(KEPT.length), array]),
    );
    return {
      step: pointer.step,
      weights,
      training: { optimizer, ...state.size > 0 && { state }, progress },
    };
  }

  #path(file: string): string {
    return `${this.folder}/${file}`;
  }

  async #find(tag: CheckpointTag): Promise<SavedCheckpoint | undefined> {
    const pointer = await this.#pointer(tag);
    return pointer && { step: pointer.step, weights: this.#path(pointer.weights.file) };
  }

  async #pointer(name: PointerName): Promise<Pointer | undefined> {
    const path = this.#path(`${name}.json`);
    try {
      const found = pointer.safeParse(JSON.parse(await Deno.readTextFile(path)));
      if (found.success) return found.data;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw userError(new SyntaxError(`Cannot read ${path}: it was changed and names no checkpoint`));
  }

  async #point(name: PointerName, pointer: Pointer): Promise<void> {
    await this.#writeFile(this.#path(`${name}.json`), JSON.stringify(pointer, null, 2) + "\n");
  }

  async #write(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<Named> {
    await this.#writeFile(this.#path(file), bytes);
    return { file, sha256: await hashBytes(bytes) };
  }

  async #read(named: Named): Promise<ReturnType<typeof decodeSafetensors>> {
    return decodeSafetensors(await this.#bytes(named), this.#path(named.file));
  }

  async #bytes(named: Named): Promise<Uint8Array> {
    const path = this.#path(named.file);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      throw userError(
        new Error(`Cannot read the checkpoint ${path}: ${messageOf(error)}`, { cause: error }),
      );
    }
    if (await hashBytes(bytes) !== named.sha256) {
      throw userError(
        new Error(`Cannot read the checkpoint ${path}: it was changed since it was written`),
      );
    }
    return bytes;
  }

  /** Removes the files of a tag that no pointer names, and what killed writes left. */
  async #removeOthers(tag: CheckpointTag, pointers: readonly Pointer[]): Promise<void> {
    const kept = pointers.flatMap(({ weights, training }) => [weights.file, training?.file]);
    for await (const { name } of Deno.readDir(this.folder)) {
      const isOfTag = name.startsWith(`${tag}-`) &&
        /\.safetensors(\.([0-9a-f]{8}\.)?tmp)?$/.test(name);
      if (isOfTag && !kept.includes(name)) await Deno.remove(this.#path(name));
    }
  }
}

import * as z from "zod";
import {
  type ArtifactEvent,
  definePlugin,
  type EpochEvent,
  type Observer,
  type StepEvent,
  type ValidationEvent,
  writeAll,
  writeError,
} from "seamstress";
import { encodeEvent, frameRecord, type TensorBoardEvent } from "./tensorboard/event.ts";

/**
 * The events format that TensorBoard reads; with this version TensorBoard drops what a killed run logged after the resumed
 * step.
 */
const FILE_VERSION = "brain.Event:2";

const now = () => Date.now() / 1000;

/** Opens an event file of this invocation alone; TensorBoard reads all files of a folder in the order of their names. */
async function openFile(folder: string): Promise<{ file: Deno.FsFile; path: string }> {
  await Deno.mkdir(folder, { recursive: true });
  const seconds = String(Math.floor(now())).padStart(10, "0");
  for (let n = 0;; n++) {
    try {
      const path = `${folder}/events.out.tfevents.${seconds}.seamstress.${n}`;
      return { file: await Deno.open(path, { write: true, createNew: true }), path };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** Writes scalars as event files. */
class TensorBoardObserver implements Observer {
  readonly #folder: string;
  readonly #every: number;
  #file: Deno.FsFile | undefined;
  #path = "";

  constructor(folder: string, every: number) {
    this.#folder = folder;
    this.#every = every;
  }

  async start(): Promise<void> {
    const { file, path } = await openFile(this.#folder);
    this.#file = file;
    this.#path = path;
    await this.#write({ wallTime: now(), fileVersion: FILE_VERSION });
  }

  async step(event: StepEvent): Promise<void> {
    const { stage, step, totalSteps, losses, rates, samplesPerSecond } = event;
    if (step % this.#every !== 0 && step !== totalSteps) return;
    await this.#scalars(step, {
      ...tagged(`${stage}/losses`, losses),
      ...tagged(`${stage}/rates`, Object.fromEntries(rates.entries())),
      [`${stage}/samples_per_second`]: samplesPerSecond,
    });
  }

  async epoch({ stage, epoch, losses }: EpochEvent): Promise<void> {
    await this.#scalars(epoch, tagged(`${stage}/epoch_losses`, losses));
  }

  async validation({ stage, step, scores }: ValidationEvent): Promise<void> {
    await this.#scalars(step, tagged(`${stage}/validation`, scores));
  }

  async artifact({ stage, table }: ArtifactEvent): Promise<void> {
    if (table) await this.#scalars(0, tagged(`${stage}/scores`, table.summary));
  }

  end(): void {
    this.#close();
  }

  error(): void {
    this.#close();
  }

  #scalars(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    return this.#write({ wallTime: now(), step, scalars });
  }

  async #write(event: TensorBoardEvent): Promise<void> {
    if (!this.#file) return;
    const bytes = frameRecord(encodeEvent(event));
    try {
      await writeAll(this.#file, bytes);
    } catch (error) {
      throw writeError(error, this.#path, bytes.length);
    }
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function tagged(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]),
  );
}

/** Writes losses, learning rates, speed and scores for TensorBoard, into `tensorboard/` of the run folder. */
export const tensorboardObserver = definePlugin({
  kind: "observer",
  name: "tensorboard",
  summary: "losses, rates and scores as TensorBoard event files in tensorboard/",
  options: z.strictObject({
    every: z.int().min(1).default(1).describe("Optimizer steps between two points"),
  }),
  create: ({ every }, { folder }) => new TensorBoardObserver(`${folder}/tensorboard`, every),
});

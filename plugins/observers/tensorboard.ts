import { parse } from "@std/yaml";
import * as z from "zod";
import {
  type ArtifactEvent,
  definePlugin,
  type EpochEvent,
  type Observer,
  type PluginFactory,
  type StageEvent,
  type StepEvent,
  type ValidationEvent,
  writeAll,
  writeError,
} from "seamstress";
import { groupNames, rateNames } from "seamstress/wsss";
import { isRun } from "./report/read_run.ts";
import { encodeEvent, frameRecord, type TensorBoardEvent } from "./tensorboard/event.ts";
import { type Pictures, stagePictures, trainingPictures } from "./tensorboard/pictures.ts";

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

const options = z.strictObject({
  every: z.int().min(1).default(1).describe("Optimizer steps between two points"),
  images: z.int().min(0).max(50).default(6)
    .describe("Images whose CAMs are shown, spread evenly over the split"),
});

type Options = z.output<typeof options>;

/** What is shown of a training beside its numbers. */
interface Training {
  /** Names of its parameter groups. */
  readonly groups: readonly string[];
  /** Whether it stores CAMs while it goes on. */
  readonly storesCams: boolean;
}

/** The resolved recipe, as far as it is read here. */
interface RecipeFile {
  readonly stages?: readonly {
    readonly id: string;
    readonly optimizer?: unknown;
    readonly cams?: unknown;
  }[];
}

/** Writes scalars and images as event files. */
class TensorBoardObserver implements Observer {
  /** Of the run. */
  readonly #folder: string;
  readonly #options: Options;
  readonly #factory: PluginFactory;
  #file: Deno.FsFile | undefined;
  #path = "";
  readonly #trainings = new Map<string, Training>();
  /** Stages whose CAMs are there once they are finished. */
  readonly #cams = new Set<string>();
  /** Step whose CAMs were written last, of each training. */
  readonly #shown = new Map<string, number>();

  constructor(folder: string, options: Options, factory: PluginFactory) {
    this.#folder = folder;
    this.#options = options;
    this.#factory = factory;
  }

  async start(): Promise<void> {
    const { file, path } = await openFile(`${this.#folder}/tensorboard`);
    this.#file = file;
    this.#path = path;
    await this.#write({ wallTime: now(), fileVersion: FILE_VERSION });
  }

  async step(event: StepEvent): Promise<void> {
    const { stage, step, totalSteps, losses, rates, samplesPerSecond } = event;
    // CAMs are stored behind a step, so those that there are now are of an earlier one.
    await this.#trainingCams(stage);
    if (step % this.#options.every !== 0 && step !== totalSteps) return;
    const names = rateNames((await this.#training(stage)).groups, rates.length);
    await this.#scalars(step, {
      ...tagged(`${stage}/losses`, losses),
      ...tagged(`${stage}/rates`, Object.fromEntries(rates.map((rate, g) => [names[g]!, rate]))),
      [`${stage}/samples_per_second`]: samplesPerSecond,
    });
  }

  async epoch({ stage, epoch, losses }: EpochEvent): Promise<void> {
    await this.#scalars(epoch, tagged(`${stage}/epoch_losses`, losses));
  }

  async validation({ stage, step, scores }: ValidationEvent): Promise<void> {
    await this.#scalars(step, tagged(`${stage}/validation`, scores));
  }

  async artifact({ stage, kind, table }: ArtifactEvent): Promise<void> {
    if (kind === "cams") this.#cams.add(stage);
    if (table) await this.#scalars(0, tagged(`${stage}/scores`, table.summary));
  }

  async stage({ stage, state }: StageEvent): Promise<void> {
    if (state !== "finished") return;
    await this.#trainingCams(stage);
    const { images } = this.#options;
    if (images === 0 || !this.#cams.has(stage) || !await isRun(this.#folder)) return;
    await this.#images(stage, 0, await stagePictures(this.#folder, stage, images, this.#factory));
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

  /** What the resolved recipe says of a training. */
  async #training(stage: string): Promise<Training> {
    let training = this.#trainings.get(stage);
    if (!training) {
      const text = await Deno.readTextFile(`${this.#folder}/recipe.yaml`).catch(() => "{}");
      const { stages = [] } = parse(text) as RecipeFile;
      const { optimizer, cams } = stages.find(({ id }) => id === stage) ?? {};
      training = { groups: groupNames(optimizer), storesCams: cams !== undefined };
      this.#trainings.set(stage, training);
    }
    return training;
  }

  /** Writes CAMs that a training stored since. */
  async #trainingCams(stage: string): Promise<void> {
    if (this.#options.images === 0 || !(await this.#training(stage)).storesCams) return;
    const last = this.#shown.get(stage) ?? -1;
    const folder = `${this.#folder}/stages/${stage}`;
    for (
      const { step, pictures } of await trainingPictures(folder, (at) => at > last, this.#factory)
    ) {
      this.#shown.set(stage, step);
      await this.#images(stage, step, pictures);
    }
  }

  /** A picture takes as much as a thousand numbers: each is an event of its own. */
  async #images(stage: string, step: number, pictures: Pictures): Promise<void> {
    for (const [name, image] of Object.entries(pictures)) {
      await this.#write({ wallTime: now(), step, images: { [`${stage}/cams/${name}`]: image } });
    }
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

/**
 * Writes losses, learning rates by parameter group, speed, scores and pictures of CAMs for TensorBoard, into `tensorboard/` of the run
 * folder.
 */
export const tensorboardObserver = definePlugin({
  kind: "observer",
  name: "tensorboard",
  summary: "losses, rates, scores and CAMs as TensorBoard event files in tensorboard/",
  options,
  create: (options, { folder }, factory) => new TensorBoardObserver(folder, options, factory),
});

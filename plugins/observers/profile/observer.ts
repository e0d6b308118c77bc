import {
  type BackendInfo,
  type Observer,
  type PhaseEvent,
  type ProgressEvent,
  type StageEvent,
  writeAtomic,
} from "seamstress";
import { chromeTrace } from "./chrome_trace.ts";
import { formatProfile, type StageProfile } from "./format.ts";
import { measurePeak, type Peak } from "./peak.ts";
import { Profiler } from "./profiler.ts";
import type { Recording } from "./recording.ts";
import type { ProfiledSteps } from "./steps.ts";
import { kernelTable } from "./table.ts";

/** How to profile a run. */
export interface ProfileOptions {
  /** Where the files go: `ID.md`, `ID.json` and `ID.trace.json` of each stage. */
  readonly folder: string;
  readonly backend: BackendInfo;
  readonly steps: ProfiledSteps;
}

/**
 * Profiles a few steps of every stage; outside them kernels run unwrapped. A step is the time between two
 * events: optimizer steps in training, finished images elsewhere.
 */
export class ProfileObserver implements Observer {
  readonly #options: ProfileOptions;
  /** Number of the stage's steps so far. */
  #done = 0;
  #profiler: Profiler | undefined;
  #recording: Recording | undefined;
  #peak: Peak | undefined;

  /** @param options what to profile, and where to write it */
  constructor(options: ProfileOptions) {
    this.#options = options;
  }

  async stage({ stage, state }: StageEvent): Promise<void> {
    if (state === "begin") {
      this.#done = 0;
      this.#recording = undefined;
      if (this.#options.steps.from === 1) this.#profiler = new Profiler("step 1");
    }
    if (state !== "finished") return;
    // The work after the last step is not a step.
    await this.#stop(false);
    await this.#write(stage);
  }

  step(): Promise<void> {
    return this.#next();
  }

  async progress({ done }: ProgressEvent): Promise<void> {
    // 0 is reported before the first image.
    if (done > 0) await this.#next();
    else if (this.#profiler) {
      this.error();
      this.#profiler = new Profiler("step 1");
    }
  }

  phase({ name, state }: PhaseEvent): void {
    if (state === "begin") this.#profiler?.begin(name);
    else this.#profiler?.end();
  }

  error(): void {
    this.#profiler?.[Symbol.dispose]();
    this.#profiler = undefined;
  }

  async #next(): Promise<void> {
    const { from, to } = this.#options.steps;
    const next = ++this.#done + 1;
    if (next > to) await this.#stop(true);
    else if (next > from) this.#profiler?.next(`step ${next}`);
    else if (next === from) this.#profiler = new Profiler(`step ${next}`);
  }

  async #stop(whole: boolean): Promise<void> {
    const profiler = this.#profiler;
    this.#profiler = undefined;
    if (profiler) this.#recording = await profiler.stop(whole);
  }

  async #write(stage: string): Promise<void> {
    const recording = this.#recording;
    if (!recording || recording.spans.length === 0) return;
    const { folder, backend } = this.#options;
    this.#peak ??= await measurePeak();
    backend.purge();
    const steps = recording.spans.filter(({ parent }) => parent === undefined);
    const about = { stage, backend: backend.name, device: backend.device };
    const profile: StageProfile = {
      ...about,
      clock: recording.clock,
      steps: steps.map(({ name, begin, end }) => ({ name, milliseconds: end - begin })),
      peak: this.#peak,
      table: kernelTable(recording, this.#peak),
    };
    await Deno.mkdir(folder, { recursive: true });
    await writeAtomic(`${folder}/${stage}.md`, formatProfile(profile));
    await writeAtomic(`${folder}/${stage}.json`, JSON.stringify(profile, null, 2) + "\n");
    await writeAtomic(
      `${folder}/${stage}.trace.json`,
      JSON.stringify(chromeTrace(recording, about)),
    );
  }
}

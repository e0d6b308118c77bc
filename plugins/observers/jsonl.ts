import * as z from "zod";
import { definePlugin, messageOf, type Observer, type ProgressEvent } from "seamstress";
import { MetricsLog } from "./jsonl/metrics_log.ts";

/** File within the run folder. */
const FILE = "metrics.jsonl";

/** Milliseconds between two lines of what is told all the time: images done, memory. */
const PAUSE = 5000;

/** Writes the run's events to a log. */
class JsonlObserver implements Observer {
  readonly #path: string;
  #log: MetricsLog | undefined;
  /** Stages whose first step was logged; that step tells where a resumed training continues. */
  readonly #trained = new Set<string>();
  /** When memory or images done were logged last. */
  #told = performance.now();

  constructor(path: string) {
    this.#path = path;
  }

  start = (event: object) => this.#append("start", event);
  stage = (event: object) => this.#append("stage", event);
  note = (event: object) => this.#append("note", event);
  epoch = (event: object) => this.#append("epoch", event);
  validation = (event: object) => this.#append("validation", event);
  artifact = (event: object) => this.#append("artifact", event);

  async step(event: { readonly stage: string; readonly step: number }): Promise<void> {
    if (!this.#trained.has(event.stage)) {
      this.#trained.add(event.stage);
      await (await this.#open()).rewind(event.stage, event.step - 1);
    }
    await this.#append("step", event);
    if (this.#due()) await this.#appendMemory({ stage: event.stage, step: event.step });
  }

  async progress(event: ProgressEvent): Promise<void> {
    if (!this.#due()) return;
    await this.#append("progress", event);
    await this.#appendMemory({ stage: event.stage });
  }

  /** Whether the pause is over; a new one begins then. */
  #due(): boolean {
    const now = performance.now();
    if (now - this.#told < PAUSE) return false;
    this.#told = now;
    return true;
  }

  async #appendMemory(place: { readonly stage: string; readonly step?: number }): Promise<void> {
    await this.#append("memory", { ...place, bytes: Deno.memoryUsage().rss });
  }

  async end(event: { readonly seconds: number }): Promise<void> {
    await this.#append("end", event);
    await this.#close();
  }

  async error({ error }: { readonly error: unknown }): Promise<void> {
    try {
      await this.#append("error", { message: messageOf(error) });
      await this.#close();
    } catch {
      // Ignored: the run already fails with its first error, which may also prevent writing this file.
    }
  }

  async #append(event: string, values: object): Promise<void> {
    const time = new Date().toISOString();
    await (await this.#open()).append({ event, time, ...values });
  }

  async #open(): Promise<MetricsLog> {
    return this.#log ??= await MetricsLog.open(this.#path);
  }

  async #close(): Promise<void> {
    await this.#log?.[Symbol.asyncDispose]();
    this.#log = undefined;
  }
}

/**
 * Logs the run to `metrics.jsonl` in the run folder: one JSON object per line with `event`, `time` and the event's own members.
 * Images done (`progress`) and the process's resident memory (`memory`, bytes) are logged every five seconds at most.
 * A resumed run continues the file; lines that a killed run logged after the checkpoint are removed.
 */
export const jsonlObserver = definePlugin({
  kind: "observer",
  name: "jsonl",
  summary: "every step, epoch, stage and artifact as a line of metrics.jsonl",
  options: z.strictObject({}),
  create: (_, { folder }) => new JsonlObserver(`${folder}/${FILE}`),
});

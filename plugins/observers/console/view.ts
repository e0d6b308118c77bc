import {
  type ArtifactEvent,
  type EpochEvent,
  formatDuration,
  type NoteEvent,
  type Observer,
  type ProgressEvent,
  type RunStarted,
  type StageEvent,
  type StepEvent,
  type ValidationEvent,
} from "seamstress";
import { formatNumber } from "../format.ts";
import { type Status, statusLine } from "./status_line.ts";
import type { Terminal } from "./terminal.ts";

/** Milliseconds between two updates of the live line. */
const LIVE_EVERY = 100;
/** Minimum milliseconds, and minimum progress as a fraction, between two plain lines. */
const PLAIN_EVERY = 5000;
const PLAIN_PART = 0.01;

const CLEAR_LINE = "\r\x1b[2K";

/** One stage's clock: it estimates the remaining time from this process's work, not from the work of an earlier one. */
interface Clock {
  readonly stage: string;
  readonly startedAt: number;
  readonly startedWith: number;
}

/** Shows a run on a console: one live line per stage on a terminal, else plain lines at intervals. */
export class ConsoleView implements Observer {
  readonly #terminal: Terminal;
  #clock: Clock | undefined;
  #shownAt = -Infinity;
  #shownPart = 0;
  #status: Status | undefined;

  /** @param terminal to write to */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  start(event: RunStarted): void {
    const { name, folder, backend, device, precision, ranks, stages, chosen = {} } = event;
    const how = [device, ...precision ? [precision] : [], ...ranks ? [`${ranks} ranks`] : []];
    this.#line(
      `${this.#style("1", name)}  ${stages.length} ${
        stages.length === 1 ? "stage" : "stages"
      } on ${backend} (${how.join(", ")})`,
    );
    this.#line(this.#style("2", `  ${folder}`));
    for (const [stage, options] of Object.entries(chosen)) {
      const list = Object.entries(options).map(([path, value]) => `${path} ${value}`);
      this.#line(this.#style("2", `  ${stage}: ${list.join(", ")}, chosen for this device`));
    }
  }

  stage({ stage, plugin, state, seconds, why, file }: StageEvent): void {
    if (state === "begin") {
      this.#clock = undefined;
      this.#status = undefined;
      this.#shownAt = -Infinity;
      this.#shownPart = 0;
      if (!this.#terminal.live) this.#line(`${stage}: ${plugin} begins`);
    } else if (state === "set aside") {
      const reason = {
        asked: "asked for again",
        damaged: "its stage.json is missing or damaged",
        changed: file === undefined
          ? "options, data or an earlier stage changed"
          : `${file} changed, which its plugins are made of`,
      }[why ?? "changed"];
      this.#line(
        `${
          this.#style("33", "!")
        } ${stage}: ${reason}; its result is kept as ${stage}.superseded-N and made anew`,
      );
    } else if (state === "left out") {
      this.#line(`${this.#style("2", "–")} ${stage}: left out`);
    } else if (state === "skipped") {
      this.#line(`${this.#style("2", "–")} ${stage}: done before, inputs unchanged`);
    } else {
      const { done, unit } = this.#status ?? {};
      const what = done === undefined ? plugin : `${plugin}, ${done} ${unit}`;
      this.#line(
        `${this.#style("32", "✓")} ${stage}: ${what}, ${formatDuration(seconds ?? 0)}`,
      );
    }
  }

  note({ stage, text }: NoteEvent): void {
    this.#line(`${this.#style("33", "!")} ${stage}: ${text}`);
  }

  progress({ stage, done, total, unit }: ProgressEvent): void {
    this.#show({ stage, done, total, unit });
  }

  step({ stage, step, totalSteps, losses, samplesPerSecond }: StepEvent): void {
    this.#show({
      stage,
      done: step,
      total: totalSteps,
      unit: "steps",
      losses,
      rate: samplesPerSecond,
    });
  }

  epoch({ stage, epoch, epochs, losses }: EpochEvent): void {
    const means = Object.entries(losses).map(([name, value]) => `${name} ${formatNumber(value)}`);
    this.#line(this.#style("2", `  ${stage}: epoch ${epoch}/${epochs}  ${means.join("  ")}`));
  }

  validation({ stage, step, split, scores, isBest }: ValidationEvent): void {
    const numbers = Object.entries(scores).map(([name, value]) => `${name} ${formatNumber(value)}`);
    const best = isBest ? "  the best so far" : "";
    this.#line(`  ${stage}: step ${step}, ${split}: ${numbers.join("  ")}${best}`);
  }

  artifact({ table }: ArtifactEvent): void {
    if (!table) return;
    const headline = Object.entries(table.summary)
      .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(2)}`);
    this.#line(`  ${table.title}`);
    this.#line(`    ${this.#style("1", headline.join("  "))}`);
    this.#line(this.#style("2", `    ${table.note}`));
  }

  end({ seconds }: { readonly seconds: number }): void {
    this.#line(`${this.#style("32", "✓")} done in ${formatDuration(seconds)}`);
  }

  /** Only clears the live line: the command line prints the error itself. */
  error(): void {
    if (this.#terminal.live) this.#terminal.write(CLEAR_LINE);
  }

  #show(status: Status): void {
    const { live, now } = this.#terminal;
    const time = now();
    if (this.#clock?.stage !== status.stage) {
      this.#clock = { stage: status.stage, startedAt: time, startedWith: status.done };
    }
    const timed = { ...status, ...this.#timeLeft(status, time) };
    this.#status = timed;
    if (live) {
      if (time - this.#shownAt < LIVE_EVERY && status.done < status.total) return;
      this.#terminal.write(CLEAR_LINE + statusLine(timed, this.#terminal.columns() - 1));
    } else {
      const part = status.done / Math.max(status.total, 1);
      if (this.#shownAt === -Infinity) this.#shownAt = time;
      const due = time - this.#shownAt >= PLAIN_EVERY && part - this.#shownPart >= PLAIN_PART;
      if (!due) return;
      this.#shownPart = part;
      this.#line(`  ${statusLine(timed, Infinity).replace(/[━╌]+ {2}/, "")}`);
    }
    this.#shownAt = time;
  }

  #timeLeft({ done, total }: Status, time: number): { readonly left?: number } {
    const { startedAt, startedWith } = this.#clock!;
    const finished = done - startedWith;
    if (finished <= 0 || done >= total) return {};
    return { left: (time - startedAt) / 1000 / finished * (total - done) };
  }

  /** Prints a permanent line above the live one. */
  #line(text: string): void {
    this.#terminal.write(`${this.#terminal.live ? CLEAR_LINE : ""}${text}\n`);
  }

  #style(code: string, text: string): string {
    return this.#terminal.color ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

import * as tf from "@tensorflow/tfjs";
import { CallRecorder } from "./call_recorder.ts";
import { DeviceClock, type TimedWebGpu } from "./device_clock.ts";
import type { Clock, ProgramRun, Recording, Span } from "./recording.ts";
import { wrapKernels } from "./wrap_kernels.ts";

/** A span that may still be open. */
interface OpenSpan {
  readonly name: string;
  readonly begin: number;
  readonly parent?: number;
  end?: number;
}

/** Name of programs that no kernel launched. */
const NO_KERNEL = "(program alone)";

/**
 * Records the current backend's kernel calls, in steps and phases. Kernels and device are restored when it is stopped or
 * disposed.
 */
export class Profiler implements Disposable {
  readonly #recorder = new CallRecorder();
  readonly #spans: OpenSpan[] = [];
  /** Indices of open spans, outermost first. */
  readonly #open: number[] = [];
  readonly #launched: Pick<ProgramRun, "name" | "shader" | "span">[] = [];
  readonly #clock: Clock;
  readonly #deviceClock: DeviceClock | undefined;
  readonly #undo = new DisposableStack();

  /** @param step name of the first step, which begins now */
  constructor(step: string) {
    const backend = tf.backend() as unknown as TimedWebGpu;
    this.#clock = "program";
    if (tf.getBackend() === "webgpu") {
      this.#clock = "none";
      if (DeviceClock.available(backend.device)) {
        this.#clock = "device";
        this.#deviceClock = this.#undo.use(
          new DeviceClock(backend, (shader) =>
            this.#launched.push({
              name: this.#recorder.current ?? NO_KERNEL,
              shader,
              span: this.#open.at(-1)!,
            })),
        );
      }
    }
    this.#undo.use(wrapKernels(tf.getBackend(), this.#recorder.around));
    this.begin(step);
  }

  /** Begins a span within the one that is open. */
  begin(name: string): void {
    const parent = this.#open.at(-1);
    this.#open.push(this.#spans.length);
    this.#spans.push({ name, begin: performance.now(), ...parent !== undefined && { parent } });
  }

  /** Ends the span that began last; a step's stays open until the next step. */
  end(): void {
    if (this.#open.length > 1) this.#close();
  }

  #close(): void {
    this.#spans[this.#open.pop()!]!.end = performance.now();
  }

  /**
   * Ends the step, with all phases in it, and begins another.
   *
   * @param step name of the next one
   */
  next(step: string): void {
    while (this.#open.length > 0) this.#close();
    this.begin(step);
  }

  /**
   * Stops recording and waits for the device.
   *
   * @param whole whether the open step is complete; if not, it is left out
   * @returns what was recorded
   */
  async stop(whole: boolean): Promise<Recording> {
    const [step = 0] = this.#open;
    while (this.#open.length > 0) this.#close();
    try {
      const intervals = await this.#deviceClock?.intervals() ?? [];
      const programs = intervals.map((interval, i) => ({ ...this.#launched[i]!, ...interval }));
      const { calls } = this.#recorder;
      // All were closed above.
      const spans = this.#spans as Span[];
      if (whole) return { clock: this.#clock, spans, calls, programs };
      const until = spans[step]!.begin;
      return {
        clock: this.#clock,
        spans: spans.slice(0, step),
        calls: calls.filter(({ begin }) => begin < until),
        programs: programs.filter(({ span }) => span < step),
      };
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Stops recording without a result. */
  [Symbol.dispose](): void {
    this.#undo.dispose();
  }
}

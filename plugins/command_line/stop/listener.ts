import type { Stop } from "../../../core/run/stop.ts";
import type { FromListener, ToListener } from "./messages.ts";

/**
 * Listens for SIGINT and SIGTERM: the first asks the run to stop and says so at once, another ends the process as if nobody
 * listened. A Worker listens, since this thread may be busy for a whole training step.
 */
export class StopListener implements Stop, Disposable {
  readonly #worker: Worker;
  readonly #seen: Int32Array;

  private constructor(worker: Worker, seen: Int32Array) {
    this.#worker = worker;
    this.#seen = seen;
  }

  /**
   * Starts to listen.
   *
   * @returns the listener; dispose it, or declare it with `using`
   */
  static async open(): Promise<StopListener> {
    const seen = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromListener>) => {
        if (data === "listening") resolve();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot listen for signals: ${event.message}`));
      };
      worker.postMessage({ seen } satisfies ToListener);
    });
    return new StopListener(worker, seen);
  }

  /** Whether a signal came. */
  get requested(): boolean {
    return Atomics.load(this.#seen, 0) !== 0;
  }

  /** The exit code that shells know a process by which a signal ended: 130 of SIGINT, 143 of SIGTERM. */
  get exitCode(): number {
    return 128 + Atomics.load(this.#seen, 0);
  }

  /** Ends the Worker; a signal then ends the process again. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

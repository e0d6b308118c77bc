/**
 * Listens for signals while the main thread computes. `StopListener` starts it as a module Worker; importing it elsewhere is of no
 * use.
 *
 * @module
 */
import type { FromListener, ToListener } from "./messages.ts";

/** The part of a Worker's global scope that is used here; the compiler is set up for the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ToListener>) => void;
  postMessage(message: FromListener): void;
}

/** One press of Ctrl-C may arrive twice, from the terminal and from `deno task`; what comes so soon is taken for the same. */
const SAME_PRESS_MS = 500;

const SIGNALS = [["SIGINT", 2], ["SIGTERM", 15]] as const;

function listen(seen: Int32Array): void {
  const listeners: (readonly [Deno.Signal, () => void])[] = [];
  const forget = () =>
    listeners.forEach(([signal, hear]) => Deno.removeSignalListener(signal, hear));
  for (const [signal, number] of SIGNALS) {
    // Windows has no SIGTERM.
    if (Deno.build.os === "windows" && signal === "SIGTERM") continue;
    const hear = () => {
      if (Atomics.compareExchange(seen, 0, 0, number) !== 0) return;
      const text = `\n${signal}: the run stops when its current step or image is done and kept; ` +
        "once more ends it at once\n";
      Deno.stderr.writeSync(new TextEncoder().encode(text));
      // Without a listener, the operating system ends the process.
      setTimeout(forget, SAME_PRESS_MS);
    };
    Deno.addSignalListener(signal, hear);
    listeners.push([signal, hear]);
  }
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data: { seen } }) => {
  listen(seen);
  scope.postMessage("listening");
};

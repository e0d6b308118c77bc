/**
 * Worker that creates training samples off the main thread. The loader starts it; it is not for importing elsewhere.
 *
 * @module
 */
import { oneAtATime } from "../../formats/one_at_a_time.ts";
import { packError } from "../../formats/packed_error.ts";
import type { FromWorker, ToWorker } from "./loader_messages.ts";
import { SampleSource } from "./sample_source.ts";

/** The part of a Worker's global scope that is used here; the compiler knows only the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer?: readonly Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let source: SampleSource | undefined;
// One message at a time, in order: two decoded photographs at once would cost memory and gain nothing on one thread.
const inTurn = oneAtATime();

async function answer(message: ToWorker): Promise<void> {
  const id = message.type === "make" ? { id: message.id } : {};
  try {
    if (message.type === "open") {
      source = await SampleSource.open(message.options);
      scope.postMessage({ type: "ready" });
      return;
    }
    if (!source) throw new Error("The Worker was asked for a sample before it was opened");
    const sample = await source.make(message.epoch, message.index);
    const { buffer } = sample.image.data;
    scope.postMessage(
      { type: "sample", id: message.id, sample },
      buffer instanceof ArrayBuffer ? [buffer] : [],
    );
  } catch (error) {
    scope.postMessage({ type: "error", ...id, error: packError(error) });
  }
}

scope.onmessage = ({ data }) => {
  void inTurn(() => answer(data));
};

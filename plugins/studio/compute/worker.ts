/**
 * Worker of the page that computes with networks. The page keeps answering while it does; it is bundled with what it imports by
 * `bundle/`.
 *
 * @module
 */
import "./without_eval.ts";
import { messageOf, oneAtATime } from "seamstress/browser";
import { Answers } from "./answers.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** The part of a Worker's global scope that is used here; the compiler knows only the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
}

const scope = globalThis as unknown as WorkerScope;
const answers = new Answers();
/** One question at a time is on the backend. */
const inTurn = oneAtATime();

async function answer({ question, asked }: ToWorker) {
  if (question === "pcm") return await answers.pcm(asked);
  if (question === "affinitynet") return await answers.affinitynet(asked);
  if (question === "irn") return await answers.irn(asked);
  return await answers.photograph(asked);
}

scope.onmessage = ({ data }) => {
  void inTurn(async () => {
    const { id } = data;
    try {
      const computer = await answers.prepare(data.asked);
      const began = performance.now();
      const given = await answer(data);
      const on = { ...computer, milliseconds: performance.now() - began };
      scope.postMessage({ id, answer: given, on });
    } catch (error) {
      answers.restart();
      scope.postMessage({ id, error: messageOf(error) });
    }
  });
};

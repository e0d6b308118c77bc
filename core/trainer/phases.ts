import type { Observer } from "../contracts/observer.ts";

/** A part of a step, such as the forward pass, that is under way; ends when it is disposed. */
export interface Phase extends Disposable {
  /** Ends the part and begins the one that follows it. */
  next(name: string): void;
}

/** Begins a part of a step, such as `forward`; phases nest. */
export type EnterPhase = (name: string) => Phase;

/** No-op phases, for a step without observers. */
export const unobserved: EnterPhase = () => ({ next() {}, [Symbol.dispose]() {} });

/**
 * Reports the phases of a stage's steps to observers.
 *
 * @param stage the stage's id
 * @param observers hear of each beginning and end at once
 * @returns begins a part, for `using`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { phasesOf } from "./phases.ts";
 * const seen: string[] = [];
 * const enter = phasesOf("seam", { phase: ({ name, state }) => void seen.push(`${name} ${state}`) });
 * {
 *   using phase = enter("forward");
 *   phase.next("backward");
 * }
 * assertEquals(seen, ["forward begin", "forward end", "backward begin", "backward end"]);
 * ```
 */
export function phasesOf(stage: string, observers: Pick<Observer, "phase">): EnterPhase {
  return (name) => {
    let current = name;
    const tell = (state: "begin" | "end") => observers.phase?.({ stage, name: current, state });
    tell("begin");
    return {
      next(name) {
        tell("end");
        current = name;
        tell("begin");
      },
      [Symbol.dispose]: () => tell("end"),
    };
  };
}

/**
 * Reports the wait for each item as a phase.
 *
 * @param enter begins a phase
 * @param name of the phase
 * @param items what is waited for
 * @returns the same items
 */
export async function* waitingFor<T>(
  enter: EnterPhase,
  name: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const wait = async () => {
    using _ = enter(name);
    return await iterator.next();
  };
  try {
    for (let item = await wait(); !item.done; item = await wait()) yield item.value;
  } finally {
    await iterator.return?.();
  }
}

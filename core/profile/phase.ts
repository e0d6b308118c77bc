/** A part of a step, such as the forward pass, that is under way; ends when it is disposed. */
export interface Phase extends Disposable {
  /** Ends the part and begins the one that follows it. */
  next(name: string): void;
}

/** Who wants to know of phases. */
export interface PhaseListener {
  begin(name: string): void;
  /** Ends the phase that began last. */
  end(): void;
}

const unheard: Phase = { next() {}, [Symbol.dispose]() {} };
let listener: PhaseListener | undefined;

/**
 * Says that a part of a step begins. Does nothing unless somebody listens: a profile is taken of code that knows nothing of it.
 *
 * @param name such as `forward`
 * @returns the phase, for `using`; phases nest
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { enterPhase, listenToPhases } from "./phase.ts";
 * const seen: string[] = [];
 * {
 *   using _ = listenToPhases({ begin: (name) => seen.push(name), end: () => seen.push("end") });
 *   using pass = enterPhase("forward");
 *   pass.next("backward");
 * }
 * enterPhase("unheard");
 * assertEquals(seen, ["forward", "end", "backward", "end"]);
 * ```
 */
export function enterPhase(name: string): Phase {
  const heard = listener;
  if (!heard) return unheard;
  heard.begin(name);
  return {
    next(name) {
      heard.end();
      heard.begin(name);
    },
    [Symbol.dispose]: () => heard.end(),
  };
}

/**
 * Hears of phases until disposed.
 *
 * @param heard the only listener
 * @returns ends the listening
 */
export function listenToPhases(heard: PhaseListener): Disposable {
  listener = heard;
  return {
    [Symbol.dispose]() {
      if (listener === heard) listener = undefined;
    },
  };
}

/**
 * Makes the waiting for each item a phase.
 *
 * @param name of the phase
 * @param items what is waited for
 * @returns the same items
 */
export async function* waitingFor<T>(name: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const wait = async () => {
    using _ = enterPhase(name);
    return await iterator.next();
  };
  try {
    for (let item = await wait(); !item.done; item = await wait()) yield item.value;
  } finally {
    await iterator.return?.();
  }
}

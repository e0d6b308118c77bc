import type { Observer, PhaseEvent } from "../contracts/observer.ts";

/** Every hook once: the compiler rejects a missing or an unknown one. */
const HOOKS: Readonly<Record<keyof Observer, true>> = {
  check: true,
  start: true,
  stage: true,
  note: true,
  progress: true,
  step: true,
  phase: true,
  epoch: true,
  validation: true,
  artifact: true,
  end: true,
  error: true,
};

/**
 * Joins observers into one that calls each in order and waits for it; phases of a step are not waited for.
 *
 * @param observers any number
 * @returns an observer with every hook
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinObservers } from "./observers.ts";
 * const seen: number[] = [];
 * const all = joinObservers([{ end: ({ seconds }) => void seen.push(seconds) }, {}]);
 * await all.end({ seconds: 3 });
 * assertEquals(seen, [3]);
 * ```
 */
export function joinObservers(observers: readonly Observer[]): Required<Observer> {
  const call = (hook: keyof Observer) => async (event: unknown) => {
    for (const observer of observers) {
      // Each hook takes its own event type; `hook` picks both the function and, at the caller, the event.
      const listen = observer[hook] as ((event: unknown) => unknown) | undefined;
      await listen?.call(observer, event);
    }
  };
  const joined = Object.keys(HOOKS).map((hook) => [hook, call(hook as keyof Observer)]);
  const phase = (event: PhaseEvent) => {
    for (const observer of observers) observer.phase?.(event);
  };
  return { ...Object.fromEntries(joined) as Required<Observer>, phase };
}

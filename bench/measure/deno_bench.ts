import type { Amount } from "./row.ts";
import { compute, ready, sample, type Work } from "./sample.ts";
import { printSlower } from "./slower.ts";

/** Implementations as `deno bench` shows them, the one that others are compared with first. */
const NAMES: Readonly<Record<string, string>> = {
  tfjs: "tfjs's own",
  composed: "composed of tfjs's kernels",
  ours: "ours",
  recompute: "ours, recompute: blocks",
  f16: "ours, precision: f16",
};

/**
 * Those that do not claim to be fast: `recompute` trades time for memory, `composed` is what runs where there is no kernel of ours. They are
 * no news among the slower ones, but others are compared with them where they are the baseline.
 */
const NOT_FAST: readonly string[] = ["recompute", "composed"];

/** How often what takes less than some milliseconds is timed again for the list of slower cases: once says little. */
const AGAIN = 4, SHORT = 20;

/**
 * Rounds in which what seems slower than its baseline takes turns with it, where it takes less than a second: `deno bench` times one after
 * the other, and what the machine did meanwhile shows as a difference.
 */
const TURNS = 5, LONG = 1000;

/** Milliseconds, the least of each implementation, by the group that they were timed in. */
const least: Record<string, Record<string, number>> = {};
globalThis.addEventListener("unload", () => printSlower(least));

/** One computation that `deno bench` times. */
export interface Registration extends Amount {
  readonly name: string;
  /** By name, in any order. */
  readonly implementations: Readonly<Partial<Record<string, Work>>>;
  /** What `deno bench` is told to time after one warm-up, it times one more; default 3. */
  readonly iterations?: number;
  /** Number of computations per iteration: more than one where waiting for the device would dominate the time. */
  readonly repeats?: number;
}

/**
 * Tells whether a module is run by `deno bench`, rather than imported by bench/record.ts.
 *
 * @param meta of the module
 */
export function isBenching(meta: ImportMeta): boolean {
  return Deno.mainModule === meta.url;
}

/**
 * Registers a group with `deno bench`, one line per implementation. Its name includes the FLOPs and bytes, from which GFLOP/s
 * and GB/s follow.
 *
 * @param registration what is timed
 */
export function registerBench(
  { name, flops, bytes, implementations, iterations = 3, repeats = 1 }: Registration,
): void {
  const group = [
    name,
    flops !== undefined && `${amount(repeats * flops)}FLOP`,
    bytes !== undefined && `${amount(repeats * bytes)}B`,
    repeats > 1 && `${repeats} times`,
  ].filter((part) => part !== false).join(", ");
  const rank = (implementation: string) => {
    const at = Object.keys(NAMES).indexOf(implementation);
    return at < 0 ? Infinity : at;
  };
  const present = Object.keys(implementations).sort((a, b) => rank(a) - rank(b) || 0);
  const baseline = present[0]!, nameOf = (of: string) => NAMES[of] ?? of;
  for (const [i, implementation] of present.entries()) {
    const work = implementations[implementation]!;
    Deno.bench({
      // `--filter` only matches this name.
      name: `${group}: ${nameOf(implementation)}`,
      group,
      baseline: i === 0,
      n: iterations,
      warmup: 1,
      async fn(bench) {
        await ready(work);
        bench.start();
        const began = performance.now();
        await compute(work, repeats);
        let taken = performance.now() - began;
        bench.end();
        if (i > 0 && NOT_FAST.includes(implementation)) return;
        for (let again = 0; again < AGAIN && taken < SHORT; again++) {
          const { wall } = await sample(work, repeats);
          taken = Math.min(taken, wall * repeats);
        }
        const times = least[group] ??= {};
        const keep = (of: string, milliseconds: number) => {
          times[nameOf(of)] = Math.min(times[nameOf(of)] ?? Infinity, milliseconds);
        };
        keep(implementation, taken);
        const seemsSlower = () =>
          times[nameOf(implementation)]! > (times[nameOf(baseline)] ?? Infinity);
        for (let turn = 0; seemsSlower() && turn < TURNS && taken < LONG; turn++) {
          for (const one of [baseline, implementation]) {
            const { wall } = await sample(implementations[one]!, repeats);
            keep(one, wall * repeats);
          }
        }
      },
    });
  }
}

/** @returns with an SI prefix, three digits: `1.5 G` */
function amount(value: number): string {
  const prefixes = ["", "k", "M", "G", "T"];
  const power = Math.min(Math.floor(Math.log10(value) / 3), prefixes.length - 1);
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}`;
}

/** Who computes, in the order in which `deno bench` runs them; the first that can is what the others are compared with. */
const SIDES = {
  stock: "tfjs's own",
  composed: "composed of tfjs's kernels",
  ours: "ours",
  recompute: "ours, recompute: blocks",
  f16: "ours, precision: f16",
} as const;

/** A side of a comparison. */
export type Side = keyof typeof SIDES;

/** One computation, by the sides that can do it. */
export interface Compared {
  readonly name: string;
  /** Multiplications and additions; none where memory bounds it. */
  readonly flop?: number;
  /** Bytes that must be read and written. */
  readonly bytes?: number;
  readonly sides: Readonly<Partial<Record<Side, () => unknown>>>;
}

/** What computes it. */
export interface Machine {
  /** Makes everything ready for one side, untimed: registers its kernels. */
  ready(side: Side): void | Promise<void>;
  /** Waits for all that was launched. */
  settle?(): Promise<void>;
  /** Times that an iteration computes it: where a launch takes no longer than waiting for it, more than one. */
  readonly repeats?: number;
}

/**
 * Registers a group with `deno bench`, a line a side. Its name tells the work, so that GFLOP/s and GB/s are a division away.
 *
 * @param compared what is computed
 * @param machine what computes it
 * @param iterations beside one that warms up
 *
 * @example
 * ```ts ignore
 * compare({ name: "conv", flop: 2e9, sides: { stock, ours } }, { ready: swapIn });
 * ```
 */
export function compare(compared: Compared, machine: Machine, iterations = 3): void {
  const { ready, settle = () => Promise.resolve(), repeats = 1 } = machine;
  const group = [
    compared.name,
    compared.flop !== undefined && `${amount(repeats * compared.flop)}FLOP`,
    compared.bytes !== undefined && `${amount(repeats * compared.bytes)}B`,
    repeats > 1 && `${repeats} times`,
  ].filter((part) => part !== false).join(", ");
  const present = (Object.keys(SIDES) as Side[]).filter((side) => compared.sides[side]);
  for (const [i, side] of present.entries()) {
    const run = compared.sides[side]!;
    Deno.bench({
      // The filter sees this alone.
      name: `${group}: ${SIDES[side]}`,
      group,
      baseline: i === 0,
      n: iterations,
      warmup: 1,
      async fn(bench) {
        await ready(side);
        await settle();
        bench.start();
        for (let i = 0; i < repeats; i++) await run();
        await settle();
        bench.end();
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

import type { BackendInfo } from "seamstress";
import { measurePeak, type Peak } from "../../plugins/observers/profile/peak.ts";
import { Profiler } from "../../plugins/observers/profile/profiler.ts";
import type { Clock, KernelCall, ProgramRun } from "../../plugins/observers/profile/recording.ts";
import { type KernelTable, kernelTable } from "../../plugins/observers/profile/table.ts";

/** Shapes that are listed, those that take longest. */
const LISTED = 30;

/** What calls of one kernel with the same shapes took. */
export interface ShapeRow {
  readonly kernel: string;
  /** Such as `1x8x8x3, 3x3x3x16 → 1x8x8x16`. */
  readonly shapes: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly gflopsPerSecond?: number;
}

/** Where a step's time goes. */
export interface StepProfile {
  /** The step. */
  readonly what: string;
  readonly clock: Clock;
  readonly peak: Peak;
  readonly table: KernelTable;
  /** On a device whose clock times programs: empty elsewhere. */
  readonly shapes: readonly ShapeRow[];
}

/**
 * Profiles one step.
 *
 * @param what names it
 * @param info of the backend
 * @param step takes it and waits for its losses
 * @returns where its time went
 */
export async function profileStep(
  what: string,
  info: BackendInfo,
  step: () => Promise<unknown>,
): Promise<StepProfile> {
  await info.check();
  using profiler = new Profiler(what);
  await step();
  await info.check();
  const { clock, ...recording } = await profiler.stop(true);
  info.purge();
  const peak = await measurePeak();
  return {
    what,
    clock,
    peak,
    table: kernelTable({ clock, ...recording }, peak),
    shapes: byShape(recording.calls, recording.programs),
  };
}

/**
 * Sums programs by their kernel's shapes, for kernels that launch one program per call: otherwise calls and programs cannot be
 * matched.
 */
function byShape(calls: readonly KernelCall[], programs: readonly ProgramRun[]): ShapeRow[] {
  const programsOf = Map.groupBy(programs, ({ name }) => name);
  const rows = [...Map.groupBy(calls, ({ name }) => name)].flatMap(([kernel, called]) => {
    const launched = programsOf.get(kernel) ?? [];
    if (launched.length !== called.length) return [];
    const timed = called.map(({ shapes, flops }, i) => ({ shapes, flops, run: launched[i]! }));
    return [...Map.groupBy(timed, ({ shapes }) => shapes)].map(([shapes, all]): ShapeRow => {
      const milliseconds = all.reduce((sum, { run }) => sum + run.end - run.begin, 0);
      const flops = all.reduce((sum, one) => sum + one.flops, 0);
      return {
        kernel,
        shapes,
        calls: all.length,
        milliseconds,
        ...flops > 0 && milliseconds > 0 && { gflopsPerSecond: flops / milliseconds / 1e6 },
      };
    });
  });
  return rows.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, LISTED);
}

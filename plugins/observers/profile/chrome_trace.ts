import type { Recording, Slice, Span } from "./recording.ts";

/** One entry of Chrome's trace event format; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  /** `X`: a complete event; `M`: metadata, the name of a thread. */
  readonly ph: "X" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A trace file for chrome://tracing and Perfetto. */
export interface ChromeTrace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
  readonly otherData: Readonly<Record<string, unknown>>;
}

const PROGRAM_LINE = 1, DEVICE_LINE = 2;
/** Maximum number of kernel events, and of program events, per file: some 20 MB. */
const MOST = 50_000;

function slice(
  { name, begin, end }: Slice,
  tid: number,
  cat: string,
  args?: Readonly<Record<string, unknown>>,
): TraceEvent {
  const dur = 1000 * (end - begin);
  return { name, ph: "X", pid: 1, tid, ts: 1000 * begin, dur, cat, ...args && { args } };
}

function line(tid: number, name: string): TraceEvent {
  return { name: "thread_name", ph: "M", pid: 1, tid, args: { name } };
}

/**
 * Computes each span's time on the device: from the start of its first program to the end of its last.
 *
 * @returns the spans on the device's clock; those without programs are left out
 */
function deviceSpans({ spans, programs }: Recording): Slice[] {
  const found = new Map<number, { begin: number; end: number }>();
  for (const { begin, end, span } of programs) {
    for (let at: number | undefined = span; at !== undefined; at = spans[at]!.parent) {
      const interval = found.get(at);
      if (interval) interval.end = Math.max(interval.end, end);
      else found.set(at, { begin, end });
    }
  }
  return [...found].map(([at, interval]) => ({ name: spans[at]!.name, ...interval }));
}

/**
 * Writes a recording as a trace: steps, their phases and kernels, nested, on one line; where the device has a clock,
 * their programs on a second line. The clocks have no common zero: the device's first program is aligned with the first kernel
 * call.
 *
 * @param recording of some steps
 * @param about metadata for `otherData`
 * @returns the trace, plain JSON
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chromeTrace } from "./chrome_trace.ts";
 * const spans = [{ name: "step 2", begin: 5, end: 9 }];
 * const trace = chromeTrace({ clock: "program", spans, calls: [], programs: [] }, {});
 * const { name, ts, dur } = trace.traceEvents.find(({ ph }) => ph === "X")!;
 * assertEquals([name, ts, dur], ["step 2", 0, 4000]);
 * ```
 */
export function chromeTrace(
  recording: Recording,
  about: Readonly<Record<string, unknown>>,
): ChromeTrace {
  const { spans, calls, programs } = recording;
  const zero = spans[0]?.begin ?? 0;
  const since = <S extends Slice>(shown: S, by = -zero): S => ({
    ...shown,
    begin: shown.begin + by,
    end: shown.end + by,
  });
  const firstCall = calls.reduce((least, { begin }) => Math.min(least, begin), Infinity);
  const [firstProgram] = programs;
  const shift = firstProgram ? firstCall - zero - firstProgram.begin : 0;
  const events = [
    line(PROGRAM_LINE, "program"),
    ...spans.map((span) => slice(since(span), PROGRAM_LINE, kindOf(span))),
    ...calls.slice(0, MOST).map((call) => {
      const { own, flops, bytes, shapes } = call;
      return slice(since(call), PROGRAM_LINE, "kernel", { shapes, own, flops, bytes });
    }),
  ];
  if (programs.length > 0) {
    events.push(
      line(DEVICE_LINE, "device"),
      ...deviceSpans(recording).map((span) => slice(since(span, shift), DEVICE_LINE, "span")),
      ...programs.slice(0, MOST).map((program) =>
        slice(since(program, shift), DEVICE_LINE, "program", { shader: program.shader })
      ),
    );
  }
  const leftOut = Math.max(calls.length - MOST, 0) + Math.max(programs.length - MOST, 0);
  return { displayTimeUnit: "ms", traceEvents: events, otherData: { ...about, leftOut } };
}

function kindOf({ parent }: Span): string {
  return parent === undefined ? "step" : "phase";
}

/** A time interval on one line of a trace; intervals nest and never overlap partly. */
export interface Slice {
  readonly name: string;
  /** Milliseconds, on the line's own clock. */
  readonly begin: number;
  readonly end: number;
}

/** One kernel call, timed on the CPU; on webgpu the device computes later. */
export interface KernelCall extends Slice {
  /** Milliseconds, excluding kernels that it called. */
  readonly own: number;
  /** FLOPs, excluding kernels that it called; 0 where it only moves memory. */
  readonly flops: number;
  /** Bytes of its inputs and outputs, excluding kernels that it called. */
  readonly bytes: number;
  /** Shapes of inputs and outputs, such as `1x8x8x3, 3x3x3x16 → 1x8x8x16`. */
  readonly shapes: string;
}

/** One GPU program of a kernel, by the device's clock. */
export interface ProgramRun extends Slice {
  /** The shader. */
  readonly shader: string;
  /** The span, of {@linkcode Recording.spans}, in which it was called. */
  readonly span: number;
}

/** A step, or a phase of one. */
export interface Span extends Slice {
  /** Index of the span around it; none for a step. */
  readonly parent?: number;
}

/** The clock that measured kernel times. */
export type Clock =
  /** The CPU's clock: kernels compute while they are called. */
  | "program"
  /** The device's timestamps. */
  | "device"
  /** None: the device computes later and has no timestamps. */
  | "none";

/** Recording of some steps of a stage. */
export interface Recording {
  readonly clock: Clock;
  /** Ordered by start time. */
  readonly spans: readonly Span[];
  readonly calls: readonly KernelCall[];
  /** Empty unless the clock is the device's. */
  readonly programs: readonly ProgramRun[];
}

/** A span of time on one line of a trace; those within another lie wholly within it. */
export interface Slice {
  readonly name: string;
  /** Milliseconds, on the line's own clock. */
  readonly begin: number;
  readonly end: number;
}

/** One call of a kernel, as the program saw it; on webgpu the device computes later. */
export interface KernelCall extends Slice {
  /** Milliseconds without those of the kernels that it called. */
  readonly own: number;
  /** Multiplications and additions, without those of the kernels that it called; 0 where it only moves memory. */
  readonly flops: number;
  /** Of its inputs and outputs, without those of the kernels that it called. */
  readonly bytes: number;
  /** Shapes of inputs and outputs, such as `1x8x8x3, 3x3x3x16 → 1x8x8x16`. */
  readonly shapes: string;
}

/** What the device did for a kernel, by the device's clock. */
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

/** Who measured a kernel's time. */
export type Clock =
  /** The program: kernels compute while they are called. */
  | "program"
  /** The device. */
  | "device"
  /** Nobody: the device computes later and has no clock. */
  | "none";

/** What some steps of a stage did. */
export interface Recording {
  readonly clock: Clock;
  /** In order of their beginning. */
  readonly spans: readonly Span[];
  readonly calls: readonly KernelCall[];
  /** Empty but with the device's clock. */
  readonly programs: readonly ProgramRun[];
}

/** What a correlation kernel is generated for. */
export interface CorrelationShape {
  /** Channels of the vectors that pixels are compared by. */
  readonly depth: number;
  /** Channels of the values that are summed. */
  readonly columns: number;
  /** Channels of the two factors of the weights' slope; undefined where the weights are the affinities themselves. */
  readonly slopeDepth: number | undefined;
}

/** A generated kernel and how it is dispatched. */
export interface CorrelationKernel {
  /** What the code depends on, beside how tensors are bound. */
  readonly name: string;
  /** Invocations per workgroup. */
  readonly threads: number;
  /** Workgroups for so many samples of so many pixels. */
  readonly workgroups: (samples: number, pixels: number) => number;
  readonly code: string;
}

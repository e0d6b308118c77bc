/** Sizes that a correlation kernel is generated for. */
export interface CorrelationShape {
  /** Channels of the vectors whose dot products are the affinities. */
  readonly depth: number;
  /** Channels of the values that are summed. */
  readonly columns: number;
  /** Channels of the two `slope` tensors; undefined where the weights are the affinities themselves (the forward pass). */
  readonly slopeDepth: number | undefined;
}

/** A generated kernel and how it is dispatched. */
export interface CorrelationKernel {
  /** Identifies the generated code, apart from how tensors are bound. */
  readonly name: string;
  /** Invocations per workgroup. */
  readonly threads: number;
  /** Number of workgroups for a number of samples and of pixels per sample. */
  readonly workgroups: (samples: number, pixels: number) => number;
  readonly code: string;
}

/** Kinds of kernel, each with a speed of its own: all but `memory` are bound by arithmetic, `memory` by bytes that are read and written. */
export type WorkKind =
  | "convolution"
  | "filter gradient"
  | "depthwise"
  | "depthwise filter gradient"
  | "matrix product"
  | "memory";

/** Work of the kernels of one kind. */
export interface Amount {
  /** Multiplications and additions, each counted; 0 for `memory`. */
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
  /** Kernel calls. */
  readonly calls: number;
}

/** Work of a computation by kind of kernel; a kind that does not occur is absent. */
export type Work = Readonly<Partial<Record<WorkKind, Amount>>>;

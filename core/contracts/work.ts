/** A kind of kernel whose speed differs: all but `memory` are bound by arithmetic, `memory` by bytes that are read and written. */
export type WorkKind =
  | "convolution"
  | "filter gradient"
  | "depthwise"
  | "depthwise filter gradient"
  | "matrix product"
  | "memory";

/** What kernels of one kind do. */
export interface Amount {
  /** Multiplications and additions, each counted; 0 for `memory`. */
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
  /** Kernel calls. */
  readonly calls: number;
}

/** What a computation asks of the device; a kind that does not occur is absent. */
export type Work = Readonly<Partial<Record<WorkKind, Amount>>>;

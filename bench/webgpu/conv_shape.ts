/** A convolution with padding that keeps the size, but for its stride. */
export interface ConvShape {
  /** Images at a time; 1 where not given. */
  readonly samples?: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly k: number;
  readonly stride?: number;
  readonly dilation?: number;
}

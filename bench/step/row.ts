/** What a step took on one side. */
export interface Taken {
  /** By the clock, the least of the rounds. */
  readonly seconds: number;
  /** Of all threads, the least of the rounds. */
  readonly cpuSeconds: number;
  /** By what `measured` says. */
  readonly imagesPerSecond: number;
  /**
   * Most bytes at a time: on WebGPU buffers in use, on wasm tensors, on CUDA tensors; of PyTorch on the CPU what the process's resident
   * memory grew by. Parameters are in it.
   */
  readonly peakBytes: number;
  /** With the free buffers that a backend keeps for later; wasm's heap. */
  readonly backendBytes?: number;
  /** Where it is not the backend's. */
  readonly device?: string;
}

/** One line of bench/results/step.json. */
export interface StepRow {
  /** A later run of the same replaces it. */
  readonly what: string;
  readonly width: number;
  readonly crop: number;
  readonly batch: number;
  readonly micro: number;
  readonly measured: "processor time" | "time by the clock";
  readonly sides: Readonly<Record<string, Taken>>;
  /** How many times as fast the first side is as each other. */
  readonly ratio: Readonly<Record<string, number>>;
  /** Peak memory of the first side, by each other's. */
  readonly memoryRatio: Readonly<Record<string, number>>;
  /** Of the first step. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of a loss in the compared steps, from the first side's. */
  readonly largestDifference: Readonly<Record<string, number>>;
  readonly madeWith: Readonly<Record<string, unknown>>;
}

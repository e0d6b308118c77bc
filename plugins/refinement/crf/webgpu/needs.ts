import { type Scores, userError } from "seamstress";
import type { GatheredKernel } from "./gathered_kernel.ts";
import { LANES } from "./mean_field.wgsl.ts";

/** Bytes of a number, of a vector of labels. */
const NUMBER = 4, VECTOR = LANES * NUMBER;

/** Bytes of every storage buffer. */
export interface BufferSizes {
  /** `[labels][pixels]`. */
  readonly planes: number;
  /** `[pixels][blocks]` vectors. */
  readonly field: number;
  /** `[chunks][blocks]` vectors, of whichever kernel has most: they take turns. */
  readonly chunkSums: number;
  /** `[size + 1][blocks]` vectors of each kernel; the last row is the missing neighbour's, 0. */
  readonly values: readonly number[];
}

/**
 * How large buffers must be.
 *
 * @param scores of which only the size counts
 * @param kernels pairwise terms
 * @returns bytes
 */
export function bufferSizes(
  { width, height, channels }: Scores,
  kernels: readonly GatheredKernel[],
): BufferSizes {
  const pixels = width * height, row = Math.ceil(channels / LANES) * VECTOR;
  return {
    planes: channels * pixels * NUMBER,
    field: pixels * row,
    chunkSums: Math.max(
      VECTOR,
      ...kernels.map(({ chunkStarts }) => (chunkStarts.length - 1) * row),
    ),
    values: kernels.map(({ size }) => (size + 1) * row),
  };
}

/**
 * Checks that a device can bind every buffer: it would compute nothing where one is too large.
 *
 * @param scores to refine
 * @param kernels pairwise terms
 * @param most bytes that the device can bind
 * @param device its name
 * @throws {RangeError} a user error, where one is too large
 */
export function checkFits(
  scores: Scores,
  kernels: readonly GatheredKernel[],
  most: number,
  device: string,
): void {
  const { planes, field, chunkSums, values } = bufferSizes(scores, kernels);
  const needs: readonly (readonly [string, number])[] = [
    ["scores", planes],
    ["labels of all pixels", field],
    ["partial sums", chunkSums],
    ...values.map((bytes, k) => [`values on lattice ${k + 1}`, bytes] as const),
    ...kernels.map(({ vertices }, k) =>
      [`shares of lattice ${k + 1}`, vertices.byteLength] as const
    ),
    ...kernels.map(({ neighbours }, k) =>
      [`neighbours on lattice ${k + 1}`, neighbours.byteLength] as const
    ),
  ];
  const [what, bytes] = needs.reduce((a, b) => b[1] > a[1] ? b : a);
  if (bytes <= most) return;
  const { width, height, channels } = scores;
  throw userError(
    new RangeError(
      `Cannot run the dense CRF on ${width}x${height} pixels and ${channels} labels on ${device}: its ` +
        `${what} take ${bytes} bytes, this device binds at most ${most}; use "device: cpu", or a ` +
        "smaller image",
    ),
  );
}

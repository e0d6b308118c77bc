import { columnsInside } from "../wasm/columns_inside.ts";

/** What one tap reads: output `q` reads input `q · stride + offset`. */
export interface Reading {
  readonly tap: number;
  readonly offset: number;
}

/** Outputs `first + step · q` of an axis, all of which read with the same taps, where these are inside. */
export interface OutputClass {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly stride: number;
  /** In the order of their offsets, which are evenly spaced. */
  readonly readings: readonly Reading[];
}

/** Neighbouring outputs `from` to `end` of a class, and the taps that read inside of the input, maybe none. */
export interface Segment {
  readonly from: number;
  readonly end: number;
  readonly readings: readonly Reading[];
}

/** An axis of a convolution. */
export interface Axis {
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the start. */
  readonly pad: number;
  readonly input: number;
  readonly output: number;
}

/**
 * @param axis of a convolution
 * @returns its outputs, all of one class
 */
export function forwardClasses({ taps, stride, dilation, pad, output }: Axis): OutputClass[] {
  const readings = Array.from(
    { length: taps },
    (_, tap) => ({ tap, offset: tap * dilation - pad }),
  );
  return [{ first: 0, step: 1, count: output, stride, readings }];
}

/**
 * The input gradient reads the output's gradient: with a stride, input pixels of each remainder are read by taps of their own.
 *
 * @param axis of a convolution
 * @returns the input pixels by their remainder
 */
export function gradientClasses({ taps, stride, dilation, pad, input }: Axis): OutputClass[] {
  return Array.from({ length: Math.min(stride, input) }, (_, first) => {
    const all = Array.from(
      { length: taps },
      (_, tap) => ({ tap, offset: (first + pad - tap * dilation) / stride }),
    );
    const readings = all.filter(({ offset }) => Number.isInteger(offset)).reverse();
    return { first, step: stride, count: Math.ceil((input - first) / stride), stride: 1, readings };
  });
}

/**
 * Splits a class where a tap enters or leaves the input.
 *
 * @param outputs a class
 * @param length of the input
 * @returns its segments from left to right
 */
export function segmentsOf({ count, stride, readings }: OutputClass, length: number): Segment[] {
  const ranges = readings.map((reading) => {
    const [low, high] = columnsInside(reading.offset, reading.offset, 0, stride, length, count);
    return { reading, low, high };
  });
  const cuts = [0, count, ...ranges.flatMap(({ low, high }) => [low, high])];
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => {
    const from = sorted[i]!;
    const inside = ranges.filter(({ low, high }) => low <= from && end <= high);
    return { from, end, readings: inside.map(({ reading }) => reading) };
  });
}

import type * as tf from "@tensorflow/tfjs";
import { FLOAT } from "../wasm/code_builders.ts";
import { floatsAt, offsetOf, type Wasm, withScratch } from "../wasm/heap.ts";
import type { PairAttributes } from "./pair_distance.ts";
import { firstPixelsSize } from "./pixels.ts";
import { pairDistanceProgram } from "./wasm_program.ts";

/** A map's shape, or that of its pairs. */
type Shape = readonly [samples: number, height: number, width: number, channels: number];

/** A row of first pixels. */
interface Row {
  /** Byte offset of its first pixel in the map. */
  readonly pixel: number;
  /** Byte offset of its first value in an array `[N,H,W,P]` of pairs that begins at 0. */
  readonly pair: number;
  /** Number of first pixels. */
  readonly pixels: number;
}

/** Lists the rows of first pixels of a map that begins at 0. */
function* rowsOf(
  [samples, height, width, channels]: Shape,
  { radius, offsets }: PairAttributes,
): Generator<Row> {
  const [rows, pixels] = firstPixelsSize(height, width, radius);
  for (let n = 0; n < samples; n++) {
    for (let y = 0; y < rows; y++) {
      const pixel = ((n * height + y) * width + radius - 1) * channels * FLOAT;
      yield { pixel, pair: (n * rows + y) * pixels * offsets.length * FLOAT, pixels };
    }
  }
}

/** Bytes from a pair's first pixel to its second. */
function distancesTo([, , width, channels]: Shape, { offsets }: PairAttributes): number[] {
  return offsets.map(([dy, dx]) => (dy * width + dx) * channels * FLOAT);
}

/**
 * Computes the mean absolute differences of neighbouring pixels.
 *
 * @param backend the backend
 * @param x map
 * @param attributes which pixels are compared
 * @returns `[N,H-radius+1,W-2·radius+2,P]`
 */
export function pairDistanceOnHeap(
  backend: Wasm,
  x: tf.TensorInfo & { readonly shape: Shape },
  attributes: PairAttributes,
): tf.TensorInfo {
  const { radius, offsets } = attributes, [samples, height, width, channels] = x.shape;
  const pixels = firstPixelsSize(height, width, radius);
  const out = backend.makeOutput([samples, ...pixels, offsets.length], "float32");
  const program = pairDistanceProgram.on(backend);
  const from = offsetOf(backend, x), to = offsetOf(backend, out);
  const apart = distancesTo(x.shape, attributes), step = offsets.length * FLOAT;
  for (const { pixel, pair, pixels } of rowsOf(x.shape, attributes)) {
    apart.forEach((bytes, p) => {
      const a = from + pixel, at = to + pair + p * FLOAT;
      program.distance(a, a + bytes, pixels, channels, 1 / channels, at, step);
    });
  }
  return out;
}

/**
 * Gradient of {@linkcode pairDistanceOnHeap} towards the map.
 *
 * @param backend the backend
 * @param inputs the map, and the gradient towards the differences
 * @param attributes which pixels are compared
 * @returns as the map
 */
export function pairDistanceGradientOnHeap(
  backend: Wasm,
  { x, dy }: Readonly<Record<"x" | "dy", tf.TensorInfo & { readonly shape: Shape }>>,
  attributes: PairAttributes,
): tf.TensorInfo {
  const [samples, height, width, channels] = x.shape, { offsets } = attributes;
  const out = backend.makeOutput(x.shape, "float32");
  const program = pairDistanceProgram.on(backend);
  const [from, slopes, to] = [x, dy, out].map((tensor) => offsetOf(backend, tensor));
  withScratch(backend, [offsets.length], (table) => {
    const apart = distancesTo(x.shape, attributes);
    new Int32Array(backend.wasm.HEAPU8.buffer, table, apart.length).set(apart);
    floatsAt(backend, to!, samples * height * width * channels).fill(0);
    for (const { pixel, pair, pixels } of rowsOf(x.shape, attributes)) {
      program.slopes(
        ...[from! + pixel, slopes! + pair, table!, offsets.length] as const,
        ...[pixels, channels, 1 / channels, to! + pixel] as const,
      );
    }
  });
  return out;
}

import { FLOAT } from "../wasm/code_builders.ts";
import { floatsAt, type Wasm } from "../wasm/heap.ts";
import { withTables } from "../wasm/periodically.ts";
import { maxNormProgram } from "./wasm_program.ts";

/** Maps on the wasm heap. */
export interface MapsOnHeap {
  readonly samples: number;
  /** Pixels of a map. */
  readonly pixels: number;
  readonly classes: number;
  /** Byte offset of `[samples,pixels,classes]`. */
  readonly x: number;
}

/** Of the classes of a sample, after a ReLU. */
interface Extremes {
  readonly most: Float32Array;
  readonly least: Float32Array;
  /** most − least + epsilon. */
  readonly range: Float32Array;
}

/** Repeats of a table that are added up in float32 before their sum is added to a float64 total. */
const REPEATS = 256;

const { fround } = Math;

/** Puts the repeats of a table together. */
function fold(
  table: Float32Array,
  totals: Float64Array,
  combine: (a: number, b: number) => number,
): void {
  const classes = totals.length;
  for (let i = 0; i < table.length; i++) {
    totals[i % classes] = combine(totals[i % classes]!, table[i]!);
  }
}

function extremesOf(
  wasm: Wasm,
  x: number,
  pixels: number,
  classes: number,
  epsilon: number,
): Extremes {
  // A ReLU of extremes are the extremes after a ReLU.
  const most = new Float64Array(classes), least = new Float64Array(classes).fill(Infinity);
  withTables(wasm, [most, least], (period, high, low) => {
    maxNormProgram.on(wasm).extremes(x, high!, low!, period, pixels * classes);
    fold(floatsAt(wasm, high!, period / FLOAT), most, Math.max);
    fold(floatsAt(wasm, low!, period / FLOAT), least, Math.min);
  });
  const floats = Float32Array.from(least, (value) => Math.max(value, 0));
  return {
    most: Float32Array.from(most),
    least: floats,
    range: Float32Array.from(most, (value, k) => fround(value - floats[k]!) + fround(epsilon)),
  };
}

/**
 * Scales every class's map by its own extremes, as `maxNorm()` defines it.
 *
 * @param wasm the backend
 * @param maps that are scaled
 * @param epsilon of the definition
 * @param out byte offset of as many elements
 */
export function maxNormOnHeap(
  wasm: Wasm,
  { samples, pixels, classes, x }: MapsOnHeap,
  epsilon: number,
  out: number,
): void {
  const program = maxNormProgram.on(wasm), length = pixels * classes;
  for (let n = 0; n < samples; n++) {
    const from = x + n * length * FLOAT, to = out + n * length * FLOAT;
    const { least, range } = extremesOf(wasm, from, pixels, classes, epsilon);
    withTables(
      wasm,
      [least, range],
      (period, low, span) => program.normalize(from, low!, span!, period, epsilon, to, length),
    );
  }
}

/**
 * Gradient of {@linkcode maxNormOnHeap} towards the maps: that of extremes goes to the first pixel that has them.
 *
 * @param wasm the backend
 * @param maps that were scaled
 * @param dy byte offset of the result's gradient
 * @param epsilon of the definition
 * @param out byte offset of as many elements
 */
export function maxNormGradientOnHeap(
  wasm: Wasm,
  { samples, pixels, classes, x }: MapsOnHeap,
  dy: number,
  epsilon: number,
  out: number,
): void {
  const length = pixels * classes;
  for (let n = 0; n < samples; n++) {
    const [from, slopesFrom, to] = [x, dy, out].map((start) => start + n * length * FLOAT);
    const extremes = extremesOf(wasm, from!, pixels, classes, epsilon);
    const { most, least, range } = extremes;
    const [products, slopes] = spread(wasm, from!, slopesFrom!, to!, extremes, length, epsilon);
    const maps = floatsAt(wasm, from!, length), gradient = floatsAt(wasm, to!, length);
    const toFirst = (value: number, k: number, slope: number) => {
      // Where a ReLU cuts an extreme off, no gradient reaches the map.
      if (!(value > 0)) return;
      let i = k;
      while (i < length && maps[i] !== value) i += classes;
      if (i < length) gradient[i]! += slope;
    };
    for (let k = 0; k < classes; k++) {
      const ofMost = -products[k]! / range[k]! ** 2;
      toFirst(most[k]!, k, ofMost);
      toFirst(least[k]!, k, -slopes[k]! - ofMost);
    }
  }
}

/** Writes what reaches every pixel by itself. @returns of each class Σ dy · a and Σ of what was written, see `MaxNormProgram.gradient` */
function spread(
  wasm: Wasm,
  x: number,
  dy: number,
  out: number,
  { least, range }: Extremes,
  length: number,
  epsilon: number,
): readonly [products: Float64Array, slopes: Float64Array] {
  const program = maxNormProgram.on(wasm), classes = least.length;
  const zeros = new Float32Array(classes);
  const products = new Float64Array(classes), slopes = new Float64Array(classes);
  withTables(wasm, [least, range, zeros, zeros], (period, low, span, product, slope) => {
    const tables = [[product!, products], [slope!, slopes]] as const;
    const part = REPEATS * period / FLOAT;
    for (let at = 0; at < length; at += part) {
      const [from, slopesFrom, to] = [x, dy, out].map((start) => start + at * FLOAT);
      const count = Math.min(part, length - at);
      program.gradient(
        ...[from!, slopesFrom!, low!, span!, period] as const,
        ...[epsilon, product!, slope!, to!, count] as const,
      );
      for (const [place, totals] of tables) {
        const table = floatsAt(wasm, place, period / FLOAT);
        fold(table, totals, (a, b) => a + b);
        table.fill(0);
      }
    }
  });
  return [products, slopes];
}

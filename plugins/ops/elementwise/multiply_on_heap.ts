import type * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../define/shapes.ts";
import { normalizeProgram } from "../frozen_norm/wasm_program.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import { withTables } from "../wasm/periodically.ts";

/** Two factors, of which the smaller is repeated along neighbouring axes of the larger: `[outer,middle,inner]` and `[outer,1,inner]`. */
interface Repeated {
  readonly large: tf.TensorInfo;
  readonly small: tf.TensorInfo;
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** Where fewer are multiplied at a time, or longer rows, XNNPACK's kernel is as fast. */
const LEAST_ROWS = 64, LONGEST_ROW = 64;

/**
 * Finds how two factors broadcast.
 *
 * @param inputs the factors
 * @returns that; undefined where XNNPACK multiplies them as fast, or they broadcast otherwise
 */
export function repeatedFactor({ a, b }: Readonly<Record<"a" | "b", tf.TensorInfo>>):
  | Repeated
  | undefined {
  const [large, small] = sizeOf(a.shape) >= sizeOf(b.shape) ? [a, b] : [b, a];
  if (large.dtype !== "float32" || small.dtype !== "float32") return undefined;
  const missing = large.shape.length - small.shape.length;
  if (missing < 0) return undefined;
  const sizes = [...Array<number>(missing).fill(1), ...small.shape];
  const odd = sizes.flatMap((size, i) => size === large.shape[i] ? [] : [i]);
  const first = odd[0] ?? 0, end = (odd.at(-1) ?? -1) + 1;
  if (sizes.slice(first, end).some((size) => size !== 1)) return undefined;
  const [outer, middle, inner] = [[0, first], [first, end], [end, sizes.length]]
    .map(([from, to]) => sizeOf(large.shape.slice(from, to))) as [number, number, number];
  if (middle < LEAST_ROWS || inner < 2 || inner > LONGEST_ROW) return undefined;
  return { large, small, outer, middle, inner };
}

/**
 * Multiplies by a factor that is repeated for every row: XNNPACK calls a function a row, of a few numbers each.
 *
 * @param wasm the backend
 * @param factors as {@linkcode repeatedFactor} found them
 * @returns the product, in the larger one's shape
 */
export function multiplyRepeated(
  wasm: Wasm,
  { large, small, outer, middle, inner }: Repeated,
): tf.TensorInfo {
  const out = wasm.makeOutput(large.shape, "float32"), length = middle * inner;
  const [from, to, factors] = [large, out, small].map((tensor) => offsetOf(wasm, tensor));
  const program = normalizeProgram.on(wasm);
  for (let o = 0; o < outer; o++) {
    const [x, y] = [from!, to!].map((start) => start + o * length * FLOAT);
    // A copy: memory may grow below.
    const row = floatsAt(wasm, factors! + o * inner * FLOAT, inner).slice();
    withTables(wasm, [row], (period, table) => program.scale(x!, table!, period, y!, length));
  }
  return out;
}

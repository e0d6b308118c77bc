import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { randomArray } from "../random.ts";
import { conv2dReference, error, type Reference } from "../reference.ts";

const TOLERANCE = 1e-5;

/** A convolution. */
export interface Case {
  readonly x: readonly [number, number, number, number];
  readonly k: number;
  readonly filters: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly pad: number | "same";
}

/** @returns what names a case in an error */
export function describe(c: Case): string {
  return `${c.k}x${c.k} ${c.x.join("x")}->${c.filters} stride ${c.stride ?? 1} dilation ${
    c.dilation ?? 1
  } pad ${c.pad}`;
}

/** Output size and zeros before the start of one axis. */
function axis(c: Case, length: number): { size: number; before: number } {
  const stride = c.stride ?? 1, reach = (c.dilation ?? 1) * (c.k - 1);
  if (c.pad === "same") {
    const size = Math.ceil(length / stride);
    return { size, before: Math.floor(Math.max((size - 1) * stride + reach + 1 - length, 0) / 2) };
  }
  return { size: Math.floor((length + 2 * c.pad - reach - 1) / stride) + 1, before: c.pad };
}

/**
 * Compares a convolution and both its gradients with the definition in float64.
 *
 * @param c the case
 * @param filter its filter
 * @param depthwise whether it is a depthwise one
 * @param op computes it
 */
export async function compare(
  c: Case,
  filter: Reference,
  depthwise: boolean,
  op: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
): Promise<void> {
  const rows = axis(c, c.x[1]), columns = axis(c, c.x[2]);
  const size = [rows.size, columns.size] as const;
  const outputs = depthwise ? filter.shape[2]! * filter.shape[3]! : c.filters;
  const x = randomArray(`x ${describe(c)}`, c.x);
  const dy = randomArray(`dy ${describe(c)}`, [c.x[0], ...size, outputs]);
  const want = conv2dReference(x, filter, dy.data, {
    stride: c.stride ?? 1,
    dilation: c.dilation ?? 1,
    pad: [rows.before, columns.before],
    size,
  }, depthwise);
  const before = tf.memory().numTensors;
  const [tx, tfilter, tdy] = [x, filter, dy].map((t) =>
    tf.tensor4d(Float32Array.from(t.data), t.shape as [number, number, number, number])
  );
  const y = op(tx!, tfilter!);
  const [dx, dFilter] = tf.grads((x, filter) => op(x as tf.Tensor4D, filter as tf.Tensor4D))(
    [tx!, tfilter!],
    tdy,
  );
  assertEquals(y.shape, dy.shape as number[], describe(c));
  const got = { y: await y.data(), dx: await dx!.data(), dFilter: await dFilter!.data() };
  for (const key of ["y", "dx", "dFilter"] as const) {
    const e = error(got[key], want[key]);
    assert(e <= TOLERANCE, `${describe(c)}: ${key} is off by ${e}`);
  }
  tf.dispose([tx!, tfilter!, tdy!, y, dx!, dFilter!]);
  assertEquals(tf.memory().numTensors, before, `${describe(c)} leaks`);
}

import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { correlatePixels } from "../../../../plugins/ops/correlation/correlate_pixels.ts";
import { eachBackend } from "../../../backends.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { randomArray } from "../random.ts";
import { error, type Reference } from "../reference.ts";

const EPSILON = 1e-5;

/** N, P, D and K. Pixels that fill no tile, fewer than one and more; channels of every width, and more than one workgroup sums. */
const SIZES: readonly (readonly [number, number, number, number])[] = [
  [1, 67, 1, 1],
  [3, 35, 3, 21],
  [1, 131, 21, 3],
  [1, 65, 195, 195],
  [1, 9, 300, 4],
];

interface Case {
  readonly scores: Reference;
  readonly unit: Reference;
  readonly dy: Reference;
}

/** Every fourth pixel without features, and whole numbers among few channels, so that products of exactly 0 and ties occur. */
function makeCase([samples, pixels, depth, classes]: typeof SIZES[number]): Case {
  const what = `correlation ${samples}x${pixels}x${depth}x${classes}`;
  const unit = randomArray(`unit ${what}`, [samples, pixels, depth]);
  const data = unit.data.map((value, i) => {
    if (Math.floor(i / depth) % 4 === 3) return 0;
    return depth <= 3 ? Math.round(2 * value) / 2 : value / Math.sqrt(depth);
  });
  return {
    scores: randomArray(`scores ${what}`, [samples, pixels, classes]),
    unit: { shape: unit.shape, data: data.map(Math.fround) },
    dy: randomArray(`dy ${what}`, [samples, pixels, classes]),
  };
}

/** The definition in float64: values, and the gradient of Σ dy · out towards the vectors. */
function reference({ scores, unit, dy }: Case) {
  const [samples, pixels, depth] = unit.shape as [number, number, number];
  const classes = scores.shape[2]!;
  const y = new Float64Array(scores.data.length), dUnit = new Float64Array(unit.data.length);
  for (let n = 0; n < samples; n++) {
    const row = (of: Reference, i: number, length: number) =>
      of.data.subarray((n * pixels + i) * length, (n * pixels + i + 1) * length);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    for (let j = 0; j < pixels; j++) {
      const affinity = Array.from(
        { length: pixels },
        (_, i) => Math.max(dot(row(unit, i, depth), row(unit, j, depth)), 0),
      );
      const divisor = affinity.reduce((sum, a) => sum + a, 0) + EPSILON;
      const out = y.subarray((n * pixels + j) * classes, (n * pixels + j + 1) * classes);
      affinity.forEach((a, i) => row(scores, i, classes).forEach((s, k) => out[k]! += a * s));
      out.forEach((sum, k) => out[k] = sum / divisor);
      affinity.forEach((a, i) => {
        if (a === 0) return;
        const slope = row(dy, j, classes)
          .reduce((sum, d, k) => sum + d * (row(scores, i, classes)[k]! - out[k]!) / divisor, 0);
        for (let d = 0; d < depth; d++) {
          const [to, from] = [(n * pixels + j) * depth + d, (n * pixels + i) * depth + d];
          dUnit[to]! += slope * unit.data[from]!;
          dUnit[from]! += slope * unit.data[to]!;
        }
      });
    }
  }
  return { y, dUnit };
}

const tensor = ({ data, shape }: Reference) =>
  tf.tensor3d(Float32Array.from(data), shape as [number, number, number]);

async function compare(of: Case, what: string): Promise<void> {
  const want = reference(of);
  const before = tf.memory().numTensors;
  const [scores, unit, dy] = [of.scores, of.unit, of.dy].map(tensor) as [
    tf.Tensor3D,
    tf.Tensor3D,
    tf.Tensor3D,
  ];
  const run = (unit: tf.Tensor) => correlatePixels(scores, unit as tf.Tensor3D, EPSILON);
  const y = run(unit);
  const dUnit = tf.grad(run)(unit, dy);
  assert(error(await y.data(), want.y) <= 1e-5, `${what}: value`);
  assert(error(await dUnit.data(), want.dUnit) <= 1e-5, `${what}: gradient`);
  const again = [run(unit), tf.grad(run)(unit, dy)] as const;
  assertEquals(await again[0].data(), await y.data(), `${what}: the value changes`);
  assertEquals(await again[1].data(), await dUnit.data(), `${what}: the gradient changes`);
  tf.dispose([scores, unit, dy, y, dUnit, ...again]);
  assertEquals(tf.memory().numTensors, before, `${what} leaks`);
}

eachBackend(
  "correlatePixels() and its gradient equal the definition, to the bit each time",
  async (backend) => {
    for (const size of SIZES) {
      if (backend !== "webgpu") {
        await compare(makeCase(size), `${size}`);
        continue;
      }
      for (const kind of ADAPTER_KINDS) {
        await withAdapterKind(kind, () => compare(makeCase(size), `${size}, ${kind}`));
      }
    }
  },
);

eachBackend("correlatePixels() does not hide a NaN", async (backend) => {
  const scores = tf.ones<tf.Rank.R3>([1, 5, 2]);
  const data = Float32Array.from({ length: 15 }, (_, i) => i === 7 ? NaN : 1);
  const unit = tf.tensor3d(data, [1, 5, 3]);
  const check = async () => {
    const run = (unit: tf.Tensor) => correlatePixels(scores, unit as tf.Tensor3D, EPSILON);
    assert((await run(unit).data<"float32">()).every(Number.isNaN), "value");
    assert((await tf.grad(run)(unit).data<"float32">()).every(Number.isNaN), "gradient");
  };
  if (backend !== "webgpu") return await check();
  for (const kind of ADAPTER_KINDS) await withAdapterKind(kind, check);
});

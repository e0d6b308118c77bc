import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error, type Reference } from "../reference.ts";

/** `[batch,rows,columns]` of a stack of matrices, transposed where asked. */
function element(t: Reference, transpose: boolean, batch: number, row: number, column: number) {
  const [matrices, rows, columns] = t.shape.slice(-3) as [number, number, number];
  const start = (matrices === 1 ? 0 : batch) * rows * columns;
  return start + (transpose ? column * columns + row : row * columns + column);
}

/** Product of two stacks, and both gradients for a given gradient of the product. */
function reference(a: Reference, b: Reference, ta: boolean, tb: boolean, dy: Float64Array) {
  const [aBatch, aRows, aColumns] = a.shape as [number, number, number];
  const [bBatch, bRows, bColumns] = b.shape as [number, number, number];
  const m = ta ? aColumns : aRows, k = ta ? aRows : aColumns, n = tb ? bRows : bColumns;
  const batch = Math.max(aBatch, bBatch);
  const y = new Float64Array(batch * m * n);
  const da = new Float64Array(a.data.length), db = new Float64Array(b.data.length);
  for (let i = 0; i < batch; i++) {
    for (let r = 0; r < m; r++) {
      for (let c = 0; c < n; c++) {
        const out = (i * m + r) * n + c;
        for (let p = 0; p < k; p++) {
          const ai = element(a, ta, i, r, p), bi = element(b, tb, i, p, c);
          y[out]! += a.data[ai]! * b.data[bi]!;
          da[ai]! += dy[out]! * b.data[bi]!;
          db[bi]! += dy[out]! * a.data[ai]!;
        }
      }
    }
  }
  return { y, da, db, shape: [batch, m, n] as const };
}

const sizes = [[1, 1, 1], [5, 7, 3], [1, 9, 4], [33, 1, 6], [37, 65, 21], [4, 300, 2]] as const;

eachBackend("matMul and its gradient are right for every transpose and batch", async () => {
  for (const [m, k, n] of sizes) {
    for (const [batchA, batchB] of [[1, 1], [3, 3]] as const) {
      for (
        const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]] as const
      ) {
        const what = `${batchA}x${m}x${k} by ${batchB}x${k}x${n}, ${ta} ${tb}`;
        const a = randomArray(`a ${what}`, ta ? [batchA, k, m] : [batchA, m, k]);
        const b = randomArray(`b ${what}`, tb ? [batchB, n, k] : [batchB, k, n]);
        const dy = randomArray(`dy ${what}`, [Math.max(batchA, batchB), m, n]);
        const want = reference(a, b, ta, tb, dy.data);
        const before = tf.memory().numTensors;
        const [at, bt, dyt] = [a, b, dy].map((t) =>
          tf.tensor3d(Float32Array.from(t.data), t.shape as [number, number, number])
        ) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
        const y = tf.matMul(at, bt, ta, tb);
        const [da, db] = tf.grads((a, b) => tf.matMul(a!, b!, ta, tb))([at, bt], dyt);
        assertEquals(y.shape, [...want.shape], what);
        assert(error(await y.data(), want.y) <= 1e-5, `${what}: product`);
        assert(error(await da!.data(), want.da) <= 1e-5, `${what}: gradient of a`);
        assert(error(await db!.data(), want.db) <= 1e-5, `${what}: gradient of b`);
        tf.dispose([at, bt, dyt, y, da!, db!]);
        assertEquals(tf.memory().numTensors, before, `${what} leaks`);
      }
    }
  }
});

eachBackend("matMul broadcasts one matrix over a batch, on either side", async () => {
  for (const [batchA, batchB] of [[1, 4], [4, 1]] as const) {
    for (const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]] as const) {
      const what = `${batchA} by ${batchB}, ${ta} ${tb}`;
      const a = randomArray(`a ${what}`, ta ? [batchA, 9, 5] : [batchA, 5, 9]);
      const b = randomArray(`b ${what}`, tb ? [batchB, 7, 9] : [batchB, 9, 7]);
      const want = reference(a, b, ta, tb, new Float64Array(4 * 5 * 7));
      const y = tf.matMul(
        tf.tensor3d(Float32Array.from(a.data), a.shape as [number, number, number]),
        tf.tensor3d(Float32Array.from(b.data), b.shape as [number, number, number]),
        ta,
        tb,
      );
      assertEquals(y.shape, [4, 5, 7], what);
      assert(error(await y.data(), want.y) <= 1e-5, what);
    }
  }
});

eachBackend("matMul keeps the leading axes of rank 2 and 4", async () => {
  const a = tf.range(0, 12).reshape<tf.Tensor4D>([2, 1, 2, 3]);
  const b = tf.range(0, 6).reshape<tf.Tensor4D>([1, 1, 3, 2]);
  const y = tf.matMul(a, b);
  assertEquals(y.shape, [2, 1, 2, 2]);
  assertEquals([...await y.data()], [10, 13, 28, 40, 46, 67, 64, 94]);
  const flat = tf.matMul(tf.ones([3, 4]), tf.ones([5, 4]), false, true);
  assertEquals(flat.shape, [3, 5]);
});

eachBackend("matMul gives the same bits every time, however long the inner axis", async () => {
  const a = tf.randomUniform<tf.Rank.R2>([8, 4096], -1, 1, "float32", 1);
  const b = tf.randomUniform<tf.Rank.R2>([4096, 8], -1, 1, "float32", 2);
  const first = await tf.matMul(a, b).data();
  for (let i = 0; i < 20; i++) assertEquals(await tf.matMul(a, b).data(), first);
});

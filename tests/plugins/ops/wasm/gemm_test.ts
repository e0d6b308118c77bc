import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { gemm, withRight } from "../../../../plugins/ops/wasm/gemm.ts";
import { TILE } from "../../../../plugins/ops/wasm/gemm_program.ts";
import { floatsAt, type Wasm, withScratch } from "../../../../plugins/ops/wasm/heap.ts";
import { backends } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";
import { eachProgram } from "./setup.ts";

/** `[m][k]` · `[k][n]` in float64, either stored transposed. */
function product(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [m, k, n]: readonly [number, number, number],
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, i) => {
    const row = Math.floor(i / n), column = i % n;
    let sum = 0;
    for (let p = 0; p < k; p++) {
      sum += a[transposeA ? p * m + row : row * k + p]! *
        b[transposeB ? column * k + p : p * n + column]!;
    }
    return sum;
  });
}

const sides = [[false, false], [true, false], [false, true], [true, true]] as const;

eachProgram("products are right for any size and write nowhere else", (arena) => {
  for (const m of [1, 2, 3, 4, 5, 6, 7, 13]) {
    for (const [k, n] of [[1, 1], [3, 7], [4, 8], [5, 9], [17, 21], [8, 16]] as const) {
      for (const transposeB of [false, true]) {
        for (const accumulate of [0, 1]) {
          const what = `${m}x${k}x${n} ${transposeB} ${accumulate}`;
          const own = arena(), { program } = own;
          const a = own.random(`a ${what}`, m * k), b = own.random(`b ${what}`, k * n);
          const out = own.random(`out ${what}`, m * n), before = own.floats(out, m * n).slice();
          const panels = own.put(new Float32Array(Math.ceil(n / 8) * 8 * k).fill(NaN));
          const scratch = own.put(new Float32Array(TILE));
          if (transposeB) program.packTransposed(b, k * 4, k, n, panels);
          else program.packPlain(b, n * 4, k, n, panels);
          const want = product(
            own.floats(a, m * k),
            own.floats(b, k * n),
            [m, k, n],
            false,
            transposeB,
          ).map((sum, i) => accumulate === 0 ? sum : sum + before[i]!);
          program.multiplyRows(a, k * 4, m, panels, k, out, n * 4, n, accumulate, scratch);
          assert(error(own.floats(out, m * n), want) <= 2e-6, what);
          own.check(what);
        }
      }
    }
  }
});

Deno.test("products on tfjs's heap are right where their sums and rows are cut into blocks", async () => {
  await backends.wasm.prepare();
  const wasm = tf.backend() as unknown as Wasm;
  for (const [m, k, n] of [[7, 1300, 5], [530, 257, 3], [195, 700, 21], [9, 150, 1300]] as const) {
    for (const [transposeA, transposeB] of sides) {
      const a = randomArray(`a ${m}`, [m * k]).data, b = randomArray(`b ${m}`, [k * n]).data;
      withScratch(wasm, [m * k, k * n, m * n], (left, right, out) => {
        floatsAt(wasm, left, m * k).set(a);
        floatsAt(wasm, right, k * n).set(b);
        const operands = { m, k, n, a: left, transposeA, b: right, transposeB, out };
        gemm(wasm, operands);
        const want = product(a, b, [m, k, n], transposeA, transposeB);
        const what = `${m}x${k}x${n} ${transposeA} ${transposeB}`;
        assert(error(floatsAt(wasm, out, m * n), want) <= 1e-5, what);
        if (!transposeA) return;
        gemm(wasm, { ...operands, accumulate: true });
        assert(error(floatsAt(wasm, out, m * n), want.map((sum) => 2 * sum)) <= 1e-5, what);
      });
    }
  }
});

Deno.test("a row of a product has the same bits whatever rows are beside it", async () => {
  await backends.wasm.prepare();
  const wasm = tf.backend() as unknown as Wasm;
  const [m, k, n] = [29, 1100, 21];
  withScratch(wasm, [m * k, k * n, m * n, m * n], (a, b, whole, parts) => {
    floatsAt(wasm, a, m * k).set(randomArray("a", [m * k]).data);
    floatsAt(wasm, b, k * n).set(randomArray("b", [k * n]).data);
    withRight(wasm, { k, n, b }, (multiply) => {
      multiply(a, m, whole);
      for (let row = 0; row < m; row++) multiply(a + row * k * 4, 1, parts + row * n * 4);
    });
    assertEquals(floatsAt(wasm, parts, m * n), floatsAt(wasm, whole, m * n));
  });
});

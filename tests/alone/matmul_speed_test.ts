import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { assert } from "@std/assert";
import { backends } from "../backends.ts";

Deno.test("matMul with transposed operands is not slow on wasm", async () => {
  await backends.wasm.prepare();
  const a = tf.randomUniform<tf.Rank.R2>([384, 384]), b = tf.randomUniform<tf.Rank.R2>([384, 384]);
  const best = (transposeA: boolean, transposeB: boolean) => {
    let microseconds = Infinity;
    for (let i = 0; i < 5; i++) {
      // The processor's time: other programs do not count.
      const start = process.cpuUsage();
      tf.matMul(a, b, transposeA, transposeB).dispose();
      microseconds = Math.min(microseconds, process.cpuUsage(start).user);
    }
    return microseconds;
  };
  const plain = best(false, false);
  for (const [ta, tb] of [[true, false], [false, true], [true, true]] as const) {
    const ratio = best(ta, tb) / plain;
    assert(
      ratio < 8,
      `transposes ${ta} ${tb} take ${ratio.toFixed(1)} times as long; tfjs's own some 50`,
    );
  }
});

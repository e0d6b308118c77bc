import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Rng } from "../../../core/rng.ts";
import type { StateArray } from "../../../core/contracts/state_dict.ts";
import { biasRelu } from "../../../plugins/backbones/bias_relu.ts";
import type { Activation } from "../../../plugins/ops/frozen_norm/normalized.ts";
import { batchNormSpecs, frozenBatchNorm } from "../../../plugins/wsss/layers/frozen_batch_norm.ts";
import { residualSum } from "../../../plugins/backbones/residual_sum.ts";
import { eachBackend } from "../../backends.ts";
import { build, type Maps, randomMaps } from "../losses/numeric.ts";
import { checkOperation, tensorOf } from "../losses/setup.ts";

const STATE = {
  "bn.weight": [0.7, -1.3, 9],
  "bn.bias": [0.2, -0.1, 3],
  "bn.running_mean": [0.1, -0.4, 0],
  "bn.running_var": [0.5, 2, 1e-3],
};

/** A batch norm of three channels. */
function batchNorm(): ParamStore {
  const params = ParamStore.create(batchNormSpecs("bn", 3), Rng.of(0));
  const arrays = Object.entries(STATE).map(([name, values]): [string, StateArray] => [
    name,
    { dtype: "F32", shape: [3], data: Float32Array.from(values) },
  ]);
  params.load(new Map(arrays), { from: "the test" });
  return params;
}

for (const activation of ["none", "relu", "relu6"] as const satisfies readonly Activation[]) {
  eachBackend(`frozenBatchNorm with ${activation} and its gradient are right`, async () => {
    const params = batchNorm();
    const [weight, bias, mean, variance] = Object.values(STATE)
      .map((values) => values.map(Math.fround));
    const reference = (x: Maps) =>
      build(x.shape, (n, pixel, c) => {
        const value = x.data[(n * 15 + pixel) * 3 + c]!;
        const y = (value - mean![c]!) / Math.sqrt(variance![c]! + 1e-5) * weight![c]! + bias![c]!;
        if (activation === "none") return y;
        return Math.min(Math.max(y, 0), activation === "relu6" ? 6 : Infinity);
      });
    const x = randomMaps("x", [2, 3, 5, 3], [-2, 2]);
    await checkOperation((x) => frozenBatchNorm(x, params, "bn", activation), reference, x, "bn");
    params.dispose();
  });
}

eachBackend("frozenBatchNorm gives no gradient at the corners of relu6", async () => {
  const params = ParamStore.create(batchNormSpecs("bn", 1), Rng.of(0));
  // The identity up to eps: 0 stays 0, 7 is clipped.
  const x = tf.tensor4d([0, 1, 7], [1, 1, 3, 1]);
  const slope = await tf.grad((x) =>
    frozenBatchNorm(x as tf.Tensor4D, params, "bn", "relu6").sum()
  )(
    x,
  ).data();
  assertEquals([...slope].map(Math.round), [0, 1, 0]);
  params.dispose();
});

eachBackend("residualSum passes its gradient to both", async () => {
  const [a, b] = [tensorOf(randomMaps("a", [2, 3, 5, 2])), tensorOf(randomMaps("b", [2, 3, 5, 2]))];
  const weights = tensorOf(randomMaps("w", [2, 3, 5, 2]));
  const sum = (a: tf.Tensor, b: tf.Tensor) => residualSum(a as tf.Tensor4D, b as tf.Tensor4D);
  assertEquals(await sum(a, b).data(), await tf.add(a, b).data());
  const [ofA, ofB] = tf.grads((a, b) => sum(a!, b!).mul(weights).sum())([a, b]);
  assertEquals(await ofA!.data(), await weights.data());
  assertEquals(await ofB!.data(), await weights.data());
  const [both] = tf.grads((a) => sum(a!, a!).mul(weights).sum())([a]);
  assertEquals(await both!.data(), await weights.mul(2).data());
});

eachBackend("biasRelu and both gradients are right", async () => {
  const x = randomMaps("x", [2, 3, 5, 3]);
  const bias = [0.3, -0.2, 0];
  const shift = tf.tensor1d(bias);
  const rounded = bias.map(Math.fround);
  const reference = (x: Maps) =>
    build(
      x.shape,
      (n, pixel, c) => Math.max(x.data[(n * 15 + pixel) * 3 + c]! + rounded[c]!, 0),
    );
  await checkOperation((x) => biasRelu(x, shift), reference, x, "biasRelu");
  const slope = await tf.grad((b) => biasRelu(tensorOf(x), b).sum())(shift).data();
  const open = reference(x).data.reduce((counts, value, i) => {
    if (value > 0) counts[i % 3]! += 1;
    return counts;
  }, [0, 0, 0]);
  assertEquals([...slope], open);
});

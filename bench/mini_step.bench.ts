/**
 * One training step of the mini world's network on wasm, forward and all gradients: tfjs with the smallest fix that runs it at all,
 * against ours. Run: `deno bench --allow-read --allow-env bench/mini_step.bench.ts`
 */
import * as tf from "@tensorflow/tfjs";
import { baseline, seam } from "./wasm/mini_network.ts";
import { ours, type Registered, stock, swapIn } from "./wasm/sides.ts";

/** Runs one step and reads a gradient, so that nothing is left undone. */
function step(side: Registered, loss: () => tf.Scalar): number {
  swapIn(side);
  return tf.tidy(() => {
    const { grads } = tf.variableGrads(loss);
    return Math.max(...Object.values(grads).map((g) => g.dataSync()[0]!));
  });
}

for (const [group, loss] of Object.entries({ baseline, seam })) {
  Deno.bench({
    name: "tfjs, smallest fix",
    group,
    baseline: true,
    fn: () => void step(stock, loss),
  });
  Deno.bench({ name: "ours", group, fn: () => void step(ours, loss) });
}

import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { frozenNorm, type NormVectors } from "../../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { eachBackend } from "../../../backends.ts";

const NAMES = ["mean", "variance", "weight", "bias"] as const;

/** Value and gradient of a sum that weighs results. */
async function both(x: tf.Tensor4D, vectors: NormVectors, epsilon: number): Promise<number[]> {
  const norm = (x: tf.Tensor) =>
    frozenNorm(x as tf.Tensor4D, vectors, { epsilon, activation: "none" });
  const tensors = tf.tidy(() => [norm(x), tf.grad((x) => norm(x).square().sum())(x)]);
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  tf.dispose(tensors);
  return values.flatMap((part) => [...part]);
}

eachBackend(
  "a frozen norm whose vectors or epsilon change computes with the new ones",
  async () => {
    const x = tf.tensor4d([1, -2, 3, 0.5], [1, 1, 2, 2]);
    const variables = Object.fromEntries(
      NAMES.map((name, i) => [name, tf.tidy(() => tf.variable(tf.tensor1d([1 + i, 2.5 - i / 4])))]),
    ) as Record<typeof NAMES[number], tf.Variable<tf.Rank.R1>>;
    let last = await both(x, variables, 0.25);
    const changes = [
      ...NAMES.map((name) => () => {
        const old = variables[name];
        tf.tidy(() => old.assign(tf.add(tf.mul(old, 2), 0.5)));
        return 0.25;
      }),
      () => 0.5,
    ];
    for (const [i, change] of changes.entries()) {
      const epsilon = change();
      // Copies that no kernel has seen.
      const fresh = Object.fromEntries(
        await Promise.all(
          NAMES.map(async (name) =>
            [name, tf.tensor1d(await variables[name].data<"float32">())] as const
          ),
        ),
      ) as Record<typeof NAMES[number], tf.Tensor1D>;
      const found = await both(x, variables, epsilon);
      assertEquals(found, await both(x, fresh, epsilon), `change ${i}`);
      assertNotEquals(found, last, `change ${i}`);
      last = found;
      tf.dispose(fresh);
    }
    tf.dispose([x, ...Object.values(variables)]);
  },
);

import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { checkpointed, runInBlock } from "../../../../plugins/ops/gradient/checkpointed.ts";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { dropout } from "../../../../plugins/ops/dropout/dropout.ts";
import type { ForwardContext } from "../../../../core/contracts/forward_context.ts";
import { Rng } from "../../../../core/rng.ts";
import { eachBackend } from "../../../backends.ts";

const CHANNELS = 5, BLOCKS = 6;

function passOf(recompute: boolean): ForwardContext {
  return {
    training: true,
    ...recompute && { recompute: "blocks" },
    rng: (sample, purpose) => Rng.of(1, sample, purpose),
  };
}

function values(purpose: string, shape: [number, number, number, number]): tf.Tensor4D {
  const rng = Rng.of(2, purpose);
  return tf.tensor4d(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.uniform(-1, 1)),
    shape,
  );
}

/** Blocks of a convolution, dropout and two activations, each with a weight of its own; also gives what is held on the way. */
function run(
  weights: readonly tf.Variable[],
  x: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  return weights.reduce((y, weight, i) =>
    runInBlock(
      context,
      ([y], context) =>
        tf.tidy(() => {
          const z = conv2d(y!, weight as tf.Tensor as tf.Tensor4D, { pad: 1 });
          return tf.tanh(dropout(tf.sigmoid(tf.mul(z, 3)), 0.3, context, `drop ${i}`));
        }),
      { [i === 0 ? "constants" : "inputs"]: [y], params: [weight] },
    ), x);
}

async function gradients(recompute: boolean): Promise<readonly Float32Array[]> {
  const weights = Array.from(
    { length: BLOCKS },
    (_, i) => tf.tidy(() => tf.variable(values(`weight ${i}`, [3, 3, CHANNELS, CHANNELS]))),
  );
  const x = values("x", [2, 7, 6, CHANNELS]);
  const before = tf.memory().numTensors;
  const { value, grads } = tf.variableGrads(() => {
    // Two passes with the same weights, as of two views.
    const [a, b] = ["first", "second"].map(() => run(weights, x, passOf(recompute)));
    return tf.sum(tf.mul(a!, tf.square(b!))) as tf.Scalar;
  });
  const read = await Promise.all(
    weights.map(({ name }) => grads[name]!.data<"float32">()),
  );
  tf.dispose([value, grads]);
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([weights, x]);
  return read;
}

eachBackend(
  "computed again, gradients are the same, with dropout and to the bit",
  async (backend) => {
    const [plain, again] = [await gradients(false), await gradients(true)];
    assert(plain.every((gradient) => gradient.some((value) => Math.abs(value) > 1e-6)));
    if (backend !== "webgpu") return assertEquals(again, plain);
    plain.forEach((gradient, k) =>
      gradient.forEach((value, i) => assertAlmostEquals(again[k]![i]!, value, 1e-5))
    );
  },
);

eachBackend("of a block that is computed again, the input alone is kept", () => {
  const weights = Array.from(
    { length: BLOCKS },
    () => tf.variable(tf.zeros([3, 3, CHANNELS, CHANNELS])),
  );
  const x = tf.zeros<tf.Rank.R4>([1, 4, 4, CHANNELS]);
  const held = (recompute: boolean) => {
    let held = 0;
    const { value, grads } = tf.variableGrads(() => {
      const before = tf.memory().numDataBuffers;
      const y = tf.tidy(() => run(weights, x, passOf(recompute)));
      held = tf.memory().numDataBuffers - before;
      return tf.sum(y) as tf.Scalar;
    });
    tf.dispose([value, grads]);
    return held;
  };
  assert(held(false) >= 3 * BLOCKS, `${held(false)}`);
  assert(held(true) <= BLOCKS, `${held(true)}`);
  tf.dispose([weights, x]);
});

eachBackend("a parameter that does not reach the result is named", () => {
  const [used, unused] = [tf.variable(tf.scalar(2)), tf.variable(tf.zeros([7]))];
  assertThrows(
    () =>
      tf.variableGrads(() => {
        const y = checkpointed(() => tf.mul(tf.ones<tf.Rank.R4>([1, 1, 1, 1]), used), {
          params: [used, unused],
        });
        return tf.sum(y) as tf.Scalar;
      }),
    Error,
    "does not depend on parameter 1 of shape [7]",
  );
  tf.dispose([used, unused]);
});

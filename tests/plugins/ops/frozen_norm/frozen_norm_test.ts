import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  runFrozenNorm,
  runFrozenNormGradient,
} from "../../../../plugins/ops/frozen_norm/frozen_norm.wgsl.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import { withBindingLimit } from "../../../binding_limit.ts";
import { frozenNormOp } from "../../../../plugins/ops/frozen_norm/frozen_norm.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";
import { readInfo, upload, webgpuTest } from "../webgpu/setup.ts";

const EPSILON = 1e-5;
const LIMIT = { none: Infinity, relu: Infinity, relu6: 6 } as const;

webgpuTest(
  "frozen batch norm and its gradient equal the definition, whatever the channels",
  async () => {
    const backend = tf.backend() as unknown as WebGpu;
    for (const channels of [1, 3, 8, 195]) {
      const shape = [2, 3, 5, channels];
      const x = randomArray("x", shape), dy = randomArray("dy", shape);
      const vectors = ["mean", "variance", "weight", "bias"].map((name) => {
        const array = randomArray(name, [channels]);
        return name === "variance"
          ? { ...array, data: array.data.map((v) => Math.fround(v * v / 9)) }
          : array;
      });
      const [mean, variance, weight, bias] = vectors.map(({ data }) => data);
      const tensors = [x, dy, ...vectors].map((array) => upload(array));
      const [tx, tdy, tmean, tvariance, tweight, tbias] = tensors as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      for (const activation of ["none", "relu", "relu6"] as const) {
        const scale = weight!.map((w, c) => w / Math.sqrt(variance![c]! + EPSILON));
        const plain = x.data.map((v, i) => {
          const c = i % channels;
          return (v - mean![c]!) * scale[c]! + bias![c]!;
        });
        const low = activation === "none" ? -Infinity : 0, high = LIMIT[activation];
        const want = plain.map((v) => Math.min(Math.max(v, low), high));
        const slope = dy.data.map((v, i) =>
          plain[i]! > low && plain[i]! < high ? v * scale[i % channels]! : 0
        );
        const attributes = { epsilon: EPSILON, activation };
        const y = runFrozenNorm(backend, tx, [tmean, tvariance, tweight, tbias], attributes);
        const dx = runFrozenNormGradient(
          backend,
          tdy,
          activation === "none" ? undefined : y,
          [tvariance, tweight],
          attributes,
        );
        assert(error(await readInfo(dx), slope) <= 1e-5, `${channels} ${activation}: dx`);
        assert(error(await readInfo(y), want) <= 1e-5, `${channels} ${activation}: y`);
      }
      tf.dispose(tensors);
    }
  },
);

webgpuTest("frozen batch norm hands NaN on", async () => {
  const backend = tf.backend() as unknown as WebGpu;
  const x = tf.tensor4d([NaN, 1], [1, 1, 1, 2]), one = tf.ones([2]);
  for (const activation of ["none", "relu", "relu6"] as const) {
    const y = runFrozenNorm(backend, x, [one, one, one, one], { epsilon: 0, activation });
    assertEquals([...await readInfo(y)], [NaN, 1]);
  }
  tf.dispose([x, one]);
});

webgpuTest("frozen batch norm above the binding limit is the same", async () => {
  const x = upload<tf.Tensor4D>(randomArray("x", [2, 5, 7, 21])), one = tf.ones<tf.Rank.R1>([21]);
  const inputs = { x, mean: one, variance: one, weight: one, bias: one };
  const compute = () => frozenNormOp.run(inputs, { epsilon: 1e-5, activation: "relu" });
  const whole = compute(), split = withBindingLimit(1000, compute);
  assertEquals(await split.data(), await whole.data());
  tf.dispose([x, one, whole, split]);
});

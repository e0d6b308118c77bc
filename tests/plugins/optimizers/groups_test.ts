import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Rng } from "../../../core/rng.ts";
import { groupParams } from "../../../plugins/wsss/optimizers/groups.ts";
import { vector } from "./problem.ts";

/** The author code's four groups: pretrained or new, weight or bias. */
const network = [
  vector("b4.weight", 1, { pretrained: true }),
  vector("b4.bias", 1, { pretrained: true, role: "bias" }),
  vector("b4.running_mean", 1, { pretrained: true, role: "buffer", trainable: false }),
  vector("fc8.weight", 1),
  vector("fc8.bias", 1, { role: "bias" }),
];

async function withNetwork(test: (params: ParamStore) => void): Promise<void> {
  await tf.setBackend("cpu");
  const params = ParamStore.create(network, Rng.of(1));
  test(params);
  params.dispose();
}

Deno.test("groupParams() gives SEAM's multipliers 1, 2, 10, 20 and decays weights only", () =>
  withNetwork((params) => {
    const { params: grouped, rates } = groupParams(params, {
      weightDecay: 5e-4,
      groups: [
        { pretrained: true, role: "weight", lr: 1 },
        { pretrained: true, role: "bias", lr: 2 },
        { pretrained: false, role: "weight", lr: 10 },
        { pretrained: false, role: "bias", lr: 20 },
      ],
    });
    assertEquals(grouped.map(({ name, rate, weightDecay }) => [name, rate, weightDecay]), [
      ["b4.weight", 1, 5e-4],
      ["b4.bias", 2, 0],
      ["fc8.weight", 10, 5e-4],
      ["fc8.bias", 20, 0],
    ]);
    assertEquals(rates, [1, 2, 10, 20]);
  }));

Deno.test("groupParams() takes the first group that matches, and its own weight decay", () =>
  withNetwork((params) => {
    const { params: grouped, rates } = groupParams(params, {
      weightDecay: 0.1,
      groups: [{ match: ["*.bias"], lr: 3, weightDecay: 0.2 }, { match: ["fc8.*"], lr: 4 }],
    });
    assertEquals(grouped.map(({ rate, weightDecay }) => [rate, weightDecay]), [
      [1, 0.1],
      [3, 0.2],
      [4, 0.1],
      [3, 0.2],
    ]);
    assertEquals(rates, [3, 4, 1]);
  }));

Deno.test("groupParams() refuses names that match nothing that trains", () =>
  withNetwork((params) => {
    for (const match of [["fc9.*"], ["*.running_mean"]]) {
      const options = { weightDecay: 0, groups: [{ lr: 2 }, { match, lr: 1 }] };
      const error = assertThrows(() => groupParams(params, options), RangeError, "groups[1]");
      assert(isUserError(error) && error.message.includes(match[0]!));
    }
  }));

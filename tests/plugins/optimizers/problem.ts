import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Optimizer } from "../../../core/contracts/optimizer.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { adam, adamw } from "../../../plugins/optimizers/adam.ts";
import { sgd } from "../../../plugins/optimizers/sgd.ts";
import { constantSchedule } from "../../../plugins/schedules/constant.ts";
import { polySchedule } from "../../../plugins/schedules/poly.ts";

/** What the tests make optimizers with. */
export const registry = new Registry([sgd, adam, adamw, constantSchedule, polySchedule]);

/** A vector parameter. */
export function vector(name: string, size: number, rest: Partial<ParamSpec> = {}): ParamSpec {
  return {
    name,
    shape: [size],
    layout: "vector",
    role: "weight",
    trainable: true,
    pretrained: false,
    init: { kind: "zeros" },
    ...rest,
  };
}

/** The network that the numbers from PyTorch belong to: `w` [3] with weight decay, `b` [2] without. */
export function makeParams(): ParamStore {
  const params = ParamStore.create(
    [vector("w", 3), vector("b", 2, { role: "bias" }), vector("frozen", 1, { trainable: false })],
    Rng.of(1),
  );
  params.load(
    new Map([
      ["w", { dtype: "F32", shape: [3], data: new Float32Array([0.5, -1.25, 2]) }],
      ["b", { dtype: "F32", shape: [2], data: new Float32Array([0.75, -0.5]) }],
    ]),
    { from: "here", allowMissing: ["frozen"] },
  );
  return params;
}

/** The group settings that the numbers from PyTorch belong to. */
export const settings = {
  lr: 0.1,
  weightDecay: 0.05,
  schedule: { use: "poly", power: 0.9 },
  groups: [{ role: "bias", lr: 2 }],
};

function gradient(step: number, size: number): tf.Tensor1D {
  return tf.tensor1d(Array.from({ length: size }, (_, i) => ((step * 7 + i * 5) % 11 - 5) / 4));
}

/**
 * Updates the parameters with made-up gradients.
 *
 * @param optimizer made for {@linkcode makeParams}
 * @param from first step
 * @param to bound, not reached
 * @param skip steps in which `b` has no gradient
 */
export function update(
  optimizer: Optimizer,
  from: number,
  to: number,
  skip: readonly number[] = [],
): void {
  for (let step = from; step < to; step++) {
    tf.tidy(() => {
      const w = gradient(step, 3);
      optimizer.update(skip.includes(step) ? { w } : { w, b: gradient(step + 1, 2) }, step);
    });
  }
}

/** Compares both parameters with PyTorch's. */
export async function assertParams(
  params: ParamStore,
  w: readonly number[],
  b: readonly number[],
): Promise<void> {
  for (const [name, wanted] of [["w", w], ["b", b]] as const) {
    const found = [...await params.get(name).data()];
    found.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 1e-6, `${name}[${i}]`));
  }
  assertEquals([...await params.get("frozen").data()], [0]);
}

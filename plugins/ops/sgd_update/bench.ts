import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases } from "../define/bench_case.ts";
import { type SgdParameter, sgdUpdate } from "./sgd_update.ts";

const RATE = 0.1, MOMENTUM = 0.9, WEIGHT_DECAY = 5e-4;

/** A benchmark case: one step of SGD with momentum and weight decay. */
function sgd(count: number, size: number) {
  const ours = (parameters: readonly SgdParameter[]) => sgdUpdate(parameters, MOMENTUM);
  return benchCase({
    name: `sgd with momentum, ${count} x ${size} weights`,
    bytes: 5 * 4 * count * size,
    inputs: ({ uniform, keep }) =>
      Array.from({ length: count }, () => ({
        variable: keep(tf.variable(uniform([size]))),
        gradient: uniform([size]),
        momentum: keep(tf.variable(uniform([size]))),
        rate: RATE,
        weightDecay: WEIGHT_DECAY,
      })),
    implementations: {
      tfjs(parameters) {
        for (const { variable, gradient, momentum } of parameters) {
          const decayed = gradient.add(variable.mul(WEIGHT_DECAY));
          momentum.assign(momentum.mul(MOMENTUM).add(decayed));
          variable.assign(variable.sub(momentum.mul(RATE)));
        }
      },
      composed: ours,
      ours,
    },
  });
}

/** Benchmark cases: one large parameter, and the same number of weights spread over many small ones. */
export const bench: BenchCases = () => [sgd(1, 1 << 20), sgd(64, 1 << 14)];

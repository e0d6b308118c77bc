import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { weightedSum } from "../../core/ops/weighted_sum.ts";
import { definePlugin } from "../../core/plugin.ts";
import { ref } from "../../core/ref.ts";
import { groupOptions, groupParams } from "./groups.ts";
import { Slots } from "./slots.ts";

/**
 * Adam (Kingma & Ba 2015) as `torch.optim.Adam` computes it: with gradient g, g' = g + weightDecay·w; m = β₁·m + (1 − β₁)·g';
 * v = β₂·v + (1 − β₂)·g'²; w = w − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε). t counts a parameter's own updates: one without a
 * gradient is left alone.
 */
export const adam = definePlugin({
  kind: "optimizer",
  name: "adam",
  summary: "Adam, as PyTorch's",
  options: z.strictObject({
    lr: z.number().positive().default(0.001).describe("Learning rate, before schedule and groups"),
    beta1: z.number().min(0).lt(1).default(0.9).describe("Decay of the gradients' mean"),
    beta2: z.number().min(0).lt(1).default(0.999).describe("Decay of the squared gradients' mean"),
    epsilon: z.number().positive().default(1e-8).describe("Added to the denominator"),
    schedule: ref("schedule").default({ use: "constant" })
      .describe("Factor on all learning rates by step"),
    ...groupOptions,
  }),
  async create(options, { params, totalSteps }, maker) {
    const { beta1, beta2, epsilon } = options;
    const schedule = await maker.create("schedule", options.schedule, undefined);
    const groups = groupParams(params, options);
    const means = new Slots("m", groups.params);
    const squares = new Slots("v", groups.params);
    const updates = new Slots("t", groups.params, true);
    // Updates of each parameter; `updates` takes them over when the state is asked for.
    const counts = new Map<string, number>();
    const rate = (step: number) => options.lr * schedule.factor(step, totalSteps);
    return {
      schedule,
      rates: (step) => groups.rates.map((factor) => factor * rate(step)),
      update(gradients, step) {
        for (const { name, variable, rate: factor, weightDecay } of groups.params) {
          const gradient = gradients[name];
          if (gradient === undefined) continue;
          const count = (counts.get(name) ?? 0) + 1;
          counts.set(name, count);
          const stepSize = factor * rate(step) / (1 - beta1 ** count);
          const correction = Math.sqrt(1 - beta2 ** count);
          tf.tidy(() => {
            const change = weightedSum([[weightDecay, variable], [1, gradient]]);
            const mean = means.get(name), square = squares.get(name);
            mean.assign(weightedSum([[beta1, mean], [1 - beta1, change]]));
            square.assign(weightedSum([[beta2, square], [1 - beta2, change.square()]]));
            const denominator = square.sqrt().div(correction).add(epsilon);
            variable.assign(variable.sub(mean.div(denominator).mul(stepSize)));
          });
        }
      },
      state() {
        tf.tidy(() => {
          for (const [name, count] of counts) updates.get(name).assign(tf.scalar(count));
        });
        return { ...means.state(), ...squares.state(), ...updates.state() };
      },
      restore(state) {
        for (const slots of [means, squares, updates]) slots.restore(state);
        for (const { name } of groups.params) {
          counts.set(name, updates.get(name).dataSync<"float32">()[0]!);
        }
      },
      dispose() {
        for (const slots of [means, squares, updates]) slots.dispose();
      },
    };
  },
});

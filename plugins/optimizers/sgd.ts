import * as z from "zod";
import { type SgdParameter, sgdUpdate } from "../../core/ops/sgd_update.ts";
import { definePlugin } from "../../core/plugin.ts";
import { ref } from "../../core/ref.ts";
import { groupOptions, groupParams } from "./groups.ts";
import { Slots } from "./slots.ts";

/**
 * Stochastic gradient descent as `torch.optim.SGD` computes it: with gradient g, g' = g + weightDecay·w; b = momentum·b + g',
 * b = 0 at first; w = w − lr·b. A parameter without a gradient is left alone, its momentum too.
 */
export const sgd = definePlugin({
  kind: "optimizer",
  name: "sgd",
  summary: "stochastic gradient descent with momentum and weight decay, as PyTorch's",
  options: z.strictObject({
    lr: z.number().positive().describe("Learning rate, before schedule and groups"),
    momentum: z.number().min(0).lt(1).default(0).describe("Part of the last update that stays"),
    schedule: ref("schedule").default({ use: "constant" })
      .describe("Factor on all learning rates by step"),
    ...groupOptions,
  }),
  async create(options, { params, totalSteps }, maker) {
    const schedule = await maker.create("schedule", options.schedule, undefined);
    const groups = groupParams(params, options);
    const momenta = new Slots("momentum", options.momentum === 0 ? [] : groups.params);
    const rate = (step: number) => options.lr * schedule.factor(step, totalSteps);
    return {
      schedule,
      rates: (step) => groups.rates.map((factor) => factor * rate(step)),
      update(gradients, step) {
        const parameters = groups.params.flatMap(
          ({ name, variable, rate: factor, weightDecay }): SgdParameter[] => {
            const gradient = gradients[name];
            if (gradient === undefined) return [];
            const momentum = options.momentum === 0 ? undefined : momenta.get(name);
            return [{ variable, gradient, momentum, rate: factor * rate(step), weightDecay }];
          },
        );
        sgdUpdate(parameters, options.momentum);
      },
      state: () => momenta.state(),
      restore: (state) => momenta.restore(state),
      dispose: () => momenta.dispose(),
    };
  },
});

import * as z from "zod";
import { definePlugin, pluginOption } from "seamstress";
import {
  chain,
  groupOptions,
  groupParams,
  l2Penalty,
  learningRate,
  momentumUpdate,
  nesterovUpdate,
} from "seamstress/wsss";

/**
 * Stochastic gradient descent as `torch.optim.SGD` computes it: with gradient g, g' = g + weightDecay·w; b = momentum·b + g',
 * b = 0 at first; w = w − lr·b, with `nesterov` w − lr·(g' + momentum·b). A parameter without a gradient is left alone, its momentum too.
 */
export const sgd = definePlugin({
  kind: "optimizer",
  name: "sgd",
  summary: "stochastic gradient descent with momentum and weight decay, as PyTorch's",
  options: z.strictObject({
    lr: z.number().positive().describe("Learning rate, before schedule and groups"),
    momentum: z.number().min(0).lt(1).default(0).describe("Part of the last update that stays"),
    nesterov: z.boolean().optional().describe("Nesterov's momentum; it needs one above 0"),
    schedule: pluginOption("schedule").default({ use: "constant" })
      .describe("Factor on all learning rates by step"),
    ...groupOptions,
  }).refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
    path: ["nesterov"],
    error: "nesterov needs momentum > 0",
  }),
  async create(options, { params, totalSteps }, factory) {
    const schedule = await factory.create("schedule", options.schedule, undefined);
    const groups = groupParams(params, options);
    return chain(groups, schedule, [
      learningRate(options.lr, schedule, totalSteps),
      l2Penalty(),
      (options.nesterov ? nesterovUpdate : momentumUpdate)(groups.params, options.momentum),
    ]);
  },
});

import * as z from "zod";
import { definePlugin, type OptimizerArgs, type PluginFactory, pluginOption } from "seamstress";
import {
  chain,
  decoupledWeightDecay,
  groupOptions,
  groupParams,
  l2Penalty,
  learningRate,
  type Link,
  momentsUpdate,
} from "seamstress/wsss";

const options = z.strictObject({
  lr: z.number().positive().default(0.001).describe("Learning rate, before schedule and groups"),
  beta1: z.number().min(0).lt(1).default(0.9).describe("Decay of the gradients' mean"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("Decay of the squared gradients' mean"),
  epsilon: z.number().positive().default(1e-8).describe("Added to the denominator"),
  schedule: pluginOption("schedule").default({ use: "constant" })
    .describe("Factor on all learning rates by step"),
  ...groupOptions,
});

/** Adam's chain with one way to decay weights. */
const createWith = (decay: Link) =>
async (
  { lr, schedule: use, ...settings }: z.output<typeof options>,
  { params, totalSteps }: OptimizerArgs,
  factory: PluginFactory,
) => {
  const schedule = await factory.create("schedule", use, undefined);
  const groups = groupParams(params, settings);
  return chain(groups, schedule, [
    learningRate(lr, schedule, totalSteps),
    decay,
    momentsUpdate(groups.params, settings),
  ]);
};

/**
 * Adam (Kingma & Ba 2015) as `torch.optim.Adam` computes it, weight decay as an L2 penalty on the gradient. A parameter without a
 * gradient is left alone.
 */
export const adam = definePlugin({
  kind: "optimizer",
  name: "adam",
  summary: "Adam, as PyTorch's",
  options,
  create: createWith(l2Penalty()),
});

/**
 * AdamW (Loshchilov & Hutter 2019) as `torch.optim.AdamW` computes it: Adam, with decoupled weight decay. The default
 * weight decay is 0 here as for all optimizers, 0.01 in PyTorch.
 */
export const adamw = definePlugin({
  kind: "optimizer",
  name: "adamw",
  summary: "Adam with decoupled weight decay, as PyTorch's AdamW",
  options,
  create: createWith(decoupledWeightDecay()),
});

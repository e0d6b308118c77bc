import { fromFileUrl, loadRecipe, type Use } from "seamstress";
import { plugins } from "seamstress/plugins";
import * as z from "zod";
import type { StepNetwork } from "../step/network.ts";

const RECIPE = fromFileUrl(new URL("../../recipes/voc-animals/seam.yaml", import.meta.url));

/** Of the recipe's training, what its step depends on. */
const training = z.object({
  backbone: z.looseObject({ use: z.string() }),
  head: z.looseObject({ use: z.string(), dropout: z.number() }),
  method: z.object({ view: z.object({ scale: z.number() }) }),
  losses: z.array(z.object({ use: z.string(), weight: z.number() })),
  optimizer: z.object({ lr: z.number(), momentum: z.number(), weightDecay: z.number() }),
  batch: z.object({ size: z.number() }),
  transforms: z.array(z.looseObject({ use: z.string() })),
});

/** Of its inference. */
const inference = z.object({
  scales: z.array(z.number()),
  flip: z.boolean(),
  longSide: z.number(),
  split: z.string(),
});

/** Channels of MobileNetV2's last layer. */
const LAST = 1280;

/** What recipes/voc-animals/seam.yaml says of what is measured. */
export interface Animals {
  readonly network: StepNetwork;
  /** Names of its losses. */
  readonly losses: readonly string[];
  /** Images of a batch, and their width and height. */
  readonly batch: number;
  readonly crop: number;
  readonly dataset: Use<"dataset">;
  /** Options of its stage `infer`. */
  readonly inference: z.output<typeof inference>;
}

/**
 * Reads the recipe.
 *
 * @param set of its options, as the command line takes them
 * @returns what it says
 */
export async function readAnimals(set: readonly string[] = []): Promise<Animals> {
  const { recipe } = await loadRecipe(RECIPE, {
    ...{ plugins, set, cwd: Deno.cwd() },
    environment: () => undefined,
  });
  const stage = (run: string) => recipe.stages.find((stage) => stage.run === run);
  const { backbone, head, method, losses, optimizer, batch, transforms } = training.parse(
    stage("train"),
  );
  const { weights: _, ...network } = backbone;
  const { lr, momentum, weightDecay } = optimizer;
  const classes = z.array(z.string()).parse(recipe.dataset["classes"]);
  return {
    network: {
      backbone: network,
      head,
      scale: method.view.scale,
      classes: classes.length,
      optimizer: { lr, momentum, weightDecay },
      dropout: { fc8: [LAST, head.dropout] },
    },
    losses: losses.map(({ use }) => use),
    batch: batch.size,
    crop: z.number().parse(transforms.find(({ use }) => use === "random-crop")?.["size"]),
    dataset: recipe.dataset,
    inference: inference.parse(stage("infer")),
  };
}

import * as z from "zod";
import type { Refinement, Scores } from "../../core/contracts/refinement.ts";
import type { StageContext, StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import { type LoadedModel, loadModel } from "../../core/loaded_model.ts";
import { oneAtATime } from "../../core/one_at_a_time.ts";
import { definePlugin } from "../../core/plugin.ts";
import type { Raster } from "../../core/sample.ts";
import { inferAffinity } from "../heads/affinity/infer.ts";
import { classifierTap } from "../heads/pointwise.ts";
import { imageBatch } from "../stages/infer/image_batch.ts";
import { plannedOutputs } from "../stages/planned_outputs.ts";
import { findSource } from "../stages/source.ts";
import { randomWalk, WALK_OPTIONS, type WalkOptions } from "./random_walk/walk.ts";

function refuseOutputs(place: string, from: string, outputs: readonly string[]): TypeError {
  return mistake(
    new TypeError(
      `${place}: a random walk reads the output affinity, the head of stage "${from}" gives ${
        outputs.join(", ")
      }`,
    ),
  );
}

/** Walks along the affinities of a network that an earlier stage trained. */
class Walk implements Refinement {
  readonly needsBackground = true;
  readonly from: readonly string[];
  readonly #stage: string;
  readonly #options: Omit<WalkOptions, "stride">;
  #network: LoadedModel | undefined;
  /** One image at a time is on the backend. */
  readonly #onDevice = oneAtATime();

  constructor(stage: string, options: Omit<WalkOptions, "stride">) {
    this.from = [stage];
    this.#stage = stage;
    this.#options = options;
  }

  async check(plan: StagePlan): Promise<void> {
    const source = await findSource(plan, this.#stage, "checkpoint");
    // How many classes there are decides nothing about which outputs there are.
    const outputs = await plannedOutputs(source, 1, plan.maker);
    if (!outputs || outputs.includes("affinity")) return;
    throw refuseOutputs(`Cannot plan stage ${plan.id}`, this.#stage, outputs);
  }

  async open({ id, maker, artifact }: StageContext): Promise<void> {
    const network = await loadModel(maker, artifact(this.#stage, "checkpoint"));
    const { outputs } = network.model.head;
    if (!outputs.includes("affinity")) {
      network[Symbol.dispose]();
      throw refuseOutputs(`Cannot run stage ${id}`, this.#stage, outputs);
    }
    this.#network = network;
  }

  refine(scores: Scores, image: Raster): Promise<Scores> {
    return this.#onDevice(() => this.#walk(scores, image));
  }

  async #walk(scores: Scores, image: Raster): Promise<Scores> {
    if (!this.#network) throw new Error("Cannot walk: the network is not loaded");
    const { backbone } = this.#network.model;
    const input = imageBatch(image, [false], backbone.input);
    const affinity = await inferAffinity(this.#network.model, input)
      .finally(() => input.dispose());
    const { stride } = classifierTap(backbone.taps);
    return randomWalk(scores, affinity, { ...this.#options, stride });
  }

  close(): void {
    this.#network?.[Symbol.dispose]();
    this.#network = undefined;
  }
}

/**
 * Random walk along AffinityNet's affinities (Ahn & Kwak, CVPR 2018; the SEAM authors' `infer_aff.py`): spreads scores to pixels that
 * look alike. Works at the network's stride, 8 in the authors' code.
 */
export const randomWalkRefinement = definePlugin({
  kind: "refinement",
  name: "random-walk",
  summary: "spreads scores along the affinities of a trained AffinityNet",
  options: z.strictObject({
    from: z.string().min(1).describe("Earlier stage that trains a network with the head affinity"),
    beta: z.number().positive().default(WALK_OPTIONS.beta)
      .describe("Elementwise power of the affinities: a higher one keeps to closer likeness"),
    logt: z.int().min(0).max(16).default(WALK_OPTIONS.logt)
      .describe("Log2 of the number of steps: 6 for 64"),
  }),
  create: ({ from, beta, logt }): Refinement => new Walk(from, { beta, logt }),
});

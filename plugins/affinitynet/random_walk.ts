import * as z from "zod";
import {
  definePlugin,
  oneAtATime,
  type Raster,
  type Refinement,
  type Scores,
  type StageContext,
  type StagePlan,
  userError,
} from "seamstress";
import {
  ARTIFACTS,
  classifierTap,
  imageBatch,
  type LoadedModel,
  loadModel,
  plannedOutputs,
} from "seamstress/wsss";
import { inferAffinity } from "./head/infer.ts";
import type { PairAffinity } from "./random_walk/transition.ts";
import { randomWalk, WALK_OPTIONS, type WalkOptions } from "./random_walk/walk.ts";

function refuseOutputs(place: string, from: string, outputs: readonly string[]): TypeError {
  return userError(
    new TypeError(
      `${place}: a random walk reads the output affinity, the head of stage "${from}" gives ${
        outputs.join(", ")
      }`,
    ),
  );
}

/** Source of the affinities of an image. */
interface Affinities {
  /** Pixels of the image per pixel of their map. */
  readonly stride: number;
  of(image: Raster): Promise<PairAffinity>;
  close(): void;
}

/** Affinities that a network infers. */
function affinitiesOf(network: LoadedModel): Affinities {
  const { backbone } = network.model;
  return {
    stride: classifierTap(backbone.taps).stride,
    of: async (image) => {
      const input = imageBatch(image, [false], backbone.input);
      return await inferAffinity(network.model, input).finally(() => input.dispose());
    },
    close: () => network[Symbol.dispose](),
  };
}

/** Random walk along the affinities of a network that an earlier stage trained. */
class Walk implements Refinement {
  readonly needsBackground = true;
  readonly from: readonly string[];
  readonly #stage: string;
  readonly #options: Omit<WalkOptions, "stride">;
  #affinities: Affinities | undefined;
  /** One image at a time is on the backend. */
  readonly #onDevice = oneAtATime();

  constructor(stage: string, options: Omit<WalkOptions, "stride">) {
    this.from = [stage];
    this.#stage = stage;
    this.#options = options;
  }

  async check(plan: StagePlan): Promise<void> {
    const { facts } = await plan.earlier(this.#stage, ARTIFACTS.checkpoint);
    // How many classes there are decides nothing about which outputs there are.
    const outputs = await plannedOutputs(facts, 1, plan.factory);
    if (!outputs || outputs.includes("affinity")) return;
    throw refuseOutputs(`Cannot plan stage ${plan.id}`, this.#stage, outputs);
  }

  async open({ id, factory, artifact }: StageContext): Promise<void> {
    const network = await loadModel(factory, artifact(this.#stage, ARTIFACTS.checkpoint));
    const { outputs } = network.model.head;
    if (!outputs.includes("affinity")) {
      network[Symbol.dispose]();
      throw refuseOutputs(`Cannot run stage ${id}`, this.#stage, outputs);
    }
    this.#affinities = affinitiesOf(network);
  }

  refine(scores: Scores, image: Raster): Promise<Scores> {
    return this.#onDevice(() => this.#walk(scores, image));
  }

  async #walk(scores: Scores, image: Raster): Promise<Scores> {
    if (!this.#affinities) throw new Error("Cannot walk: the network is not loaded");
    const { stride } = this.#affinities;
    return randomWalk(scores, await this.#affinities.of(image), { ...this.#options, stride });
  }

  close(): void {
    this.#affinities?.close();
    this.#affinities = undefined;
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

import type { Refinement, Scores } from "../../../core/contracts/refinement.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { userError } from "../../../core/errors.ts";
import { oneAtATime } from "../../formats/one_at_a_time.ts";
import { type LoadedModel, loadModel } from "../inference/loaded_model.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { plannedOutputs } from "../stages/planned_outputs.ts";
import type { Model } from "../training/model.ts";

/** How a network refines scores. */
export interface NetworkRefinementOptions {
  /** Earlier stage that trains the network. */
  readonly from: string;
  /** Head output that it reads. */
  readonly output: string;
  /** What it is, for messages: `a random walk`. */
  readonly what: string;
  /** Whether the background is among the scores that it takes. */
  readonly needsBackground: boolean;
  /** Refines the scores of an image. */
  apply(model: Model, scores: Scores, image: Raster): Promise<Scores>;
}

/** A refinement by a network that an earlier stage trained: it is loaded once, and works on one image at a time. */
export class NetworkRefinement implements Refinement {
  readonly needsBackground: boolean;
  readonly from: readonly string[];
  readonly #options: NetworkRefinementOptions;
  #network: LoadedModel | undefined;
  /** One image at a time is on the backend. */
  readonly #onDevice = oneAtATime();

  /**
   * Takes what the refinement is.
   *
   * @param options the network's stage, its output, and what is done with it
   */
  constructor(options: NetworkRefinementOptions) {
    this.needsBackground = options.needsBackground;
    this.from = [options.from];
    this.#options = options;
  }

  #refuse(place: string, outputs: readonly string[]): TypeError {
    const { what, output, from } = this.#options;
    const found = outputs.join(", ");
    return userError(
      new TypeError(
        `${place}: ${what} reads the output ${output}, the head of stage "${from}" gives ${found}`,
      ),
    );
  }

  /** Fails where the head that will be trained lacks the output. */
  async check(plan: StagePlan): Promise<void> {
    const { facts } = await plan.earlier(this.#options.from, ARTIFACTS.checkpoint);
    // How many classes there are decides nothing about which outputs there are.
    const outputs = await plannedOutputs(facts, 1, plan.factory);
    if (!outputs || outputs.includes(this.#options.output)) return;
    throw this.#refuse(`Cannot plan stage ${plan.id}`, outputs);
  }

  /** Loads the network. */
  async open({ id, factory, artifact }: StageContext): Promise<void> {
    const network = await loadModel(factory, artifact(this.#options.from, ARTIFACTS.checkpoint));
    const { outputs } = network.model.head;
    if (!outputs.includes(this.#options.output)) {
      network[Symbol.dispose]();
      throw this.#refuse(`Cannot run stage ${id}`, outputs);
    }
    this.#network = network;
  }

  /** Refines one image's scores, once those before it are done. */
  refine(scores: Scores, image: Raster): Promise<Scores> {
    return this.#onDevice(async () => {
      if (!this.#network) throw new Error("Cannot walk: the network is not loaded");
      return await this.#options.apply(this.#network.model, scores, image);
    });
  }

  /** Frees the network. */
  close(): void {
    this.#network?.[Symbol.dispose]();
    this.#network = undefined;
  }
}

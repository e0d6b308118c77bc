import type { Scores } from "../../../core/contracts/refinement.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { userError } from "../../../core/errors.ts";
import { oneAtATime } from "../../formats/one_at_a_time.ts";
import { loadModel } from "../inference/loaded_model.ts";
import type { LoadedModel } from "../inference/model_from_bytes.ts";
import type { Choice, ChosenOptions } from "../scores/choice.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { plannedOutputs } from "../stages/planned_outputs.ts";
import type { Model } from "../training/model.ts";
import type { ChosenRefinement } from "./chain.ts";

/** How a network refines scores: T is what it infers of an image, N names of options that are numbers. */
export interface NetworkRefinementOptions<T, N extends string> {
  /** Earlier stage that trains the network. */
  readonly from: string;
  /** Head output that it reads. */
  readonly output: string;
  /** What it is, for messages: `a random walk`. */
  readonly what: string;
  /** Whether the background is among the scores that it takes. */
  readonly needsBackground: boolean;
  /** Numbers, or the stages that choose them. */
  readonly numbers: ChosenOptions<N>;
  /** Infers what the image alone decides; off the backend. */
  infer(model: Model, image: Raster): Promise<T>;
  /** Refines the scores of an image by what was inferred of it. */
  apply(
    inferred: T,
    scores: Scores,
    numbers: Readonly<Record<N, number>>,
  ): Scores | Promise<Scores>;
}

/**
 * What networks inferred of an image, as long as it is in memory, by where the network is and its output: where a stage tries many
 * settings on an image, the network, most of the time, runs once.
 */
const inferredOf = new WeakMap<Raster, Map<string, Promise<unknown>>>();

/** A refinement by a network that an earlier stage trained: it is loaded once, and works on one image at a time. */
export class NetworkRefinement<T, N extends string> implements ChosenRefinement {
  readonly needsBackground: boolean;
  readonly from: readonly string[];
  readonly #options: NetworkRefinementOptions<T, N>;
  #network: LoadedModel | undefined;
  #numbers: Readonly<Record<N, number>> | undefined;
  #key = "";
  /** One image at a time is on the backend. */
  readonly #onDevice = oneAtATime();

  /**
   * Takes what the refinement is.
   *
   * @param options the network's stage, its output, and what is done with it
   */
  constructor(options: NetworkRefinementOptions<T, N>) {
    this.needsBackground = options.needsBackground;
    this.from = [options.from, ...options.numbers.from];
    this.#options = options;
  }

  /** Numbers that earlier stages chose, once it is open. */
  get choices(): readonly Choice[] {
    return this.#options.numbers.choices;
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

  /** Fails where the head that will be trained lacks the output, or a number is not chosen where it should be. */
  async check(plan: StagePlan): Promise<void> {
    await this.#options.numbers.check(plan);
    const { facts } = await plan.earlier(this.#options.from, ARTIFACTS.checkpoint);
    // How many classes there are decides nothing about which outputs there are.
    const outputs = await plannedOutputs(facts, 1, plan.factory);
    if (!outputs || outputs.includes(this.#options.output)) return;
    throw this.#refuse(`Cannot plan stage ${plan.id}`, outputs);
  }

  /** Loads the network. */
  async open(context: StageContext): Promise<void> {
    const { id, factory } = context;
    this.#numbers = await this.#options.numbers.read(context);
    const checkpoint = context.artifact(this.#options.from, ARTIFACTS.checkpoint);
    const network = await loadModel(factory, checkpoint);
    const { outputs } = network.model.head;
    if (!outputs.includes(this.#options.output)) {
      network[Symbol.dispose]();
      throw this.#refuse(`Cannot run stage ${id}`, outputs);
    }
    this.#network = network;
    this.#key = `${checkpoint.folder} ${this.#options.output}`;
  }

  /** Refines one image's scores, once those before it are done. */
  async refine(scores: Scores, image: Raster): Promise<Scores> {
    const numbers = this.#numbers, network = this.#network;
    if (!numbers || !network) throw new Error("Cannot walk: the network is not loaded");
    return await this.#options.apply(await this.#inferred(network, image), scores, numbers);
  }

  #inferred({ model }: LoadedModel, image: Raster): Promise<T> {
    const known = inferredOf.get(image) ?? new Map<string, Promise<unknown>>();
    inferredOf.set(image, known);
    const found = known.get(this.#key) as Promise<T> | undefined;
    if (found) return found;
    const inferred = this.#onDevice(() => this.#options.infer(model, image));
    known.set(this.#key, inferred);
    return inferred;
  }

  /** Frees the network. */
  close(): void {
    this.#network?.[Symbol.dispose]();
    this.#network = undefined;
  }
}

import type { Network } from "../../../core/contracts/network.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import type { TrainingPart } from "../../../core/contracts/training_part.ts";
import { subset } from "./kept_state.ts";
import { Model } from "./model.ts";
import { averageSpecs, moveAverage } from "./moving_average.ts";

const PREFIX = "teacher.";

/** A second network of the same shape whose weights follow those that train; what a method spreads into itself. */
export interface Teacher extends Required<Pick<TrainingPart, "params" | "begin" | "afterStep">> {
  /** The teacher as a network. @param training what `step`, `compute` or `afterStep` are given, and the network that trains */
  of(training: { readonly model: Network; readonly params: Params }): Network;
}

/**
 * A mean teacher (Tarvainen & Valpola, NeurIPS 2017): weights and running statistics are exponential moving averages of those of the
 * network that trains, taken once a step behind the optimizer; they start as copies.
 *
 * @param network specs of the network, as a method is created with
 * @param momentum part of its weights that the teacher keeps in a step, 0..1
 * @returns state and hooks of a method
 */
export function emaTeacher(network: readonly ParamSpec[], momentum: number): Teacher {
  return {
    params: averageSpecs(network, PREFIX),
    begin: ({ model, params }) => moveAverage(subset(params, PREFIX), model.params, 0),
    afterStep: (_, { model, params }) =>
      moveAverage(subset(params, PREFIX), model.params, momentum),
    of: ({ model: { backbone, head }, params }) =>
      new Model(backbone, head, subset(params, PREFIX)),
  };
}

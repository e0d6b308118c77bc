import { userError } from "../../../core/errors.ts";
import { trace } from "../../forecast/trace.ts";
import { matchesAny } from "../parameters/glob.ts";
import { ParamStore } from "../parameters/param_store.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { Rng } from "../../../core/rng.ts";
import { didYouMean } from "../../../core/registry/suggest.ts";
import { keptSpecs, KeptState } from "./kept_state.ts";
import type { Parts, TrainingOptions as Options } from "./parts.ts";

/**
 * A network's parameters with all elements 0: what only looks at names and shapes is spared the random numbers.
 *
 * @param parts the network
 * @returns parameters that the caller disposes
 */
export function zeroParameters({ backbone, head }: Pick<Parts, "backbone" | "head">): ParamStore {
  const zeros = (spec: ParamSpec): ParamSpec => ({ ...spec, init: { kind: "zeros" } });
  return ParamStore.create([...backbone.params, ...head.params].map(zeros), Rng.of(0));
}

/**
 * Lists what trains: parameters of the network, and those that method and losses keep.
 *
 * @param parts of a training
 * @returns specs of the optimizer's parameters
 */
export function trainedSpecs(parts: Parts): readonly ParamSpec[] {
  return [...parts.backbone.params, ...parts.head.params, ...keptSpecs(parts)]
    .filter(({ trainable }) => trainable);
}

/**
 * Fails where patterns that choose parameters by name choose none: of gradient clipping, and of the optimizer's groups, which its own
 * plugin knows. The optimizer is made for parameters without elements.
 *
 * @param id the stage
 * @param settings of the training
 * @param parts what trains
 * @param factory makes the optimizer
 * @throws {RangeError} naming the pattern
 */
export async function checkParameters(
  id: string,
  { clip, optimizer }: Pick<Options, "clip" | "optimizer">,
  parts: Parts,
  factory: PluginFactory,
): Promise<void> {
  const names = trainedSpecs(parts).map(({ name }) => name);
  const idle = clip?.match.find((pattern) => !names.some((name) => matchesAny(name, [pattern])));
  if (idle !== undefined) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: clip.match names ${idle}, which no trainable parameter matches${
          didYouMean(idle, names.map((name) => name.replace(/[^.]*$/, "*")))
        }`,
      ),
    );
  }
  await trace(async () => {
    const params = zeroParameters(parts);
    try {
      using state = KeptState.create(parts, params, Rng.of(0));
      const args = { params: state.trained, totalSteps: 1 };
      (await factory.create("optimizer", optimizer, args)).dispose();
    } finally {
      params.dispose();
    }
  });
}

import type { Artifact } from "../../../core/contracts/artifact.ts";
import { createNetwork } from "../training/create_network.ts";
import { Model } from "../training/model.ts";
import { ParamStore } from "../parameters/param_store.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { Rng } from "../../../core/rng.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import type { Artifacts } from "../stages/artifacts.ts";

/** A trained model on the backend. */
export interface LoadedModel extends Disposable {
  /** The network with the weights of its checkpoint. */
  readonly model: Model;
  /** Foreground class names. */
  readonly classes: readonly string[];
}

/**
 * Builds the network of a checkpoint and loads its weights.
 *
 * @param factory makes backbone and head
 * @param checkpoint artifact of kind `checkpoint`
 * @returns the model; disposing it frees its parameters
 * @throws {Deno.errors.NotFound} where its weights file is gone
 * @throws {RangeError} where the weights do not fit the network
 */
export async function loadModel(
  factory: PluginFactory,
  checkpoint: Artifact<Artifacts["checkpoint"]>,
): Promise<LoadedModel> {
  const { classes, weights } = checkpoint.info;
  const { backbone, head } = await createNetwork(checkpoint.info, classes.length, factory);
  const path = `${checkpoint.folder}/${weights}`;
  const { tensors } = await readSafetensors(path);
  const specs = [...backbone.params, ...head.params];
  const params = ParamStore.create(specs, Rng.of(0), {
    state: new Map(tensors),
    from: path,
  });
  return {
    model: new Model(backbone, head, params),
    classes,
    [Symbol.dispose]: () => params.dispose(),
  };
}

import type { StateDict } from "../../../core/contracts/state_dict.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { Rng } from "../../../core/rng.ts";
import { decodeSafetensors } from "../../formats/safetensors/decode.ts";
import { ParamStore } from "../parameters/param_store.ts";
import type { CheckpointInfo } from "../stages/artifacts.ts";
import { createNetwork } from "../training/create_network.ts";
import { Model } from "../training/model.ts";

/** A trained model on the backend. */
export interface LoadedModel extends Disposable {
  /** The network with the weights of its checkpoint. */
  readonly model: Model;
  /** Foreground class names. */
  readonly classes: readonly string[];
}

/** What of a checkpoint says which network its weights are of. */
export type NetworkOfWeights = Pick<CheckpointInfo, "backbone" | "head" | "classes">;

/**
 * Builds a network with given weights.
 *
 * @param factory makes backbone and head
 * @param network as its checkpoint names it
 * @param state PyTorch names and layouts
 * @param from where the weights come from, for messages
 * @returns the model; disposing it frees its parameters
 * @throws {RangeError} where the weights do not fit the network
 */
export async function modelFromState(
  factory: PluginFactory,
  network: NetworkOfWeights,
  state: StateDict,
  from: string,
): Promise<LoadedModel> {
  const { classes } = network;
  const { backbone, head } = await createNetwork(network, classes.length, factory);
  const specs = [...backbone.params, ...head.params];
  const params = ParamStore.create(specs, Rng.of(0), { state: new Map(state), from });
  return {
    model: new Model(backbone, head, params),
    classes,
    [Symbol.dispose]: () => params.dispose(),
  };
}

/**
 * Builds a network with the weights of a safetensors file that is in memory already, as a page has it.
 *
 * @param factory makes backbone and head
 * @param network as its checkpoint names it
 * @param bytes the whole file
 * @param from its name, for messages
 * @returns the model; disposing it frees its parameters
 * @throws {SyntaxError} where the bytes are no valid safetensors file
 * @throws {RangeError} where the weights do not fit the network
 */
export async function modelFromBytes(
  factory: PluginFactory,
  network: NetworkOfWeights,
  bytes: Uint8Array,
  from: string,
): Promise<LoadedModel> {
  return await modelFromState(factory, network, decodeSafetensors(bytes, from).tensors, from);
}

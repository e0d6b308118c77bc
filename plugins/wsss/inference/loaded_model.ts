import type { Artifact } from "../../../core/contracts/artifact.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import type { Artifacts } from "../stages/artifacts.ts";
import { type LoadedModel, modelFromState } from "./model_from_bytes.ts";

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
  const path = `${checkpoint.folder}/${checkpoint.info.weights}`;
  const { tensors } = await readSafetensors(path);
  return await modelFromState(factory, checkpoint.info, tensors, path);
}

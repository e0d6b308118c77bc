import * as z from "zod";
import type { Artifact } from "../../../core/contracts/stage.ts";
import { Model } from "../training/model.ts";
import { ParamStore } from "../parameters/param_store.ts";
import type { Maker, Use } from "../../../core/registry/plugin.ts";
import { Rng } from "../../../core/rng.ts";
import { readSafetensors } from "../../formats/safetensors.ts";

/** What an artifact of kind `checkpoint` says of itself. */
export interface CheckpointInfo {
  /** Weights file, relative to the artifact's folder; PyTorch names. */
  readonly weights: string;
  readonly backbone: Use<"backbone">;
  readonly head: Use<"head">;
  /** Foreground class names. */
  readonly classes: readonly string[];
}

const use = z.looseObject({ use: z.string() });
const checkpointInfo = z.looseObject({
  weights: z.string(),
  backbone: use,
  head: use,
  classes: z.array(z.string()).min(1),
});

/** A trained model on the backend. */
export interface LoadedModel extends Disposable {
  readonly model: Model;
  /** Foreground class names. */
  readonly classes: readonly string[];
}

/**
 * Builds the network of a checkpoint and loads its weights.
 *
 * @param maker makes backbone and head
 * @param checkpoint artifact of kind `checkpoint`
 * @returns the model; disposing it frees its parameters
 * @throws {TypeError} where the artifact says too little
 * @throws {Deno.errors.NotFound} where its weights file is gone
 * @throws {RangeError} where the weights do not fit the network
 */
export async function loadModel(maker: Maker, checkpoint: Artifact): Promise<LoadedModel> {
  const { backbone: backboneUse, head: headUse, classes, weights } = readInfo(checkpoint);
  const backbone = await maker.create("backbone", backboneUse, undefined);
  const head = await maker.create("head", headUse, {
    taps: backbone.taps,
    classes: classes.length,
  });
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

function readInfo({ folder, info }: Artifact): CheckpointInfo {
  const parsed = checkpointInfo.safeParse(info);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new TypeError(`Cannot load the checkpoint in ${folder}: its info lacks ${wrong}`);
  }
  return parsed.data;
}

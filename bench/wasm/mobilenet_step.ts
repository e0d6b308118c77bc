import * as tf from "@tensorflow/tfjs";
import { Model } from "../../plugins/wsss/training/model.ts";
import { ParamStore } from "../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../core/registry/registry.ts";
import { Rng } from "../../core/rng.ts";
import { plugins } from "../../plugins/mod.ts";
import { seamLosses, wholeGradients } from "../seam_step.ts";
// The backend that the parameters below are made on.
import "./sides.ts";

const SEED = 1, CLASSES = 6;

/**
 * Makes the training step of recipes/voc-animals/seam.yaml, MobileNetV2 at output stride 16, on noise and from random weights: neither
 * changes what it takes.
 *
 * @param batch images
 * @param size of their sides
 * @returns a step, forward and all gradients, that disposes what it computes
 */
export async function mobilenetStep(batch: number, size: number): Promise<() => void> {
  const registry = new Registry(plugins);
  const backbone = await registry.create("backbone", {
    use: "mobilenetv2",
    outputStride: 16,
    padding: "same",
  }, undefined);
  const head = await registry.create("head", {
    use: "seam",
    dropout: 0.2,
    low: "features.10",
    mid: "features.17",
  }, { taps: backbone.taps, classes: CLASSES });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(SEED));
  const model = new Model(backbone, head, params);
  const method = await registry.create("method", {
    use: "seam",
    view: { use: "rescale", scale: 0.5 },
  }, undefined);
  const losses = await seamLosses(registry);
  const image = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], -1, 1, "float32", SEED);
  const label = tf.tensor2d(
    Float32Array.from({ length: batch * CLASSES }, (_, i) => i % 4 === 0 ? 1 : 0),
    [batch, CLASSES],
  );
  return () => {
    const { gradients, values } = wholeGradients(model, method, losses, image, label, SEED);
    tf.dispose([gradients, values]);
  };
}

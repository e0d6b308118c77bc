import * as tf from "@tensorflow/tfjs";
import { Registry, Rng } from "seamstress";
import { type BenchCase, benchCase } from "seamstress/ops";
import { plugins } from "seamstress/plugins";
import { Model, ParamStore } from "seamstress/wsss";
import { seamLosses, wholeGradients } from "../step/seam_losses.ts";

const SEED = 1, CLASSES = 6;

/** Makes network, losses and a batch. */
async function makeInputs(batch: number, size: number) {
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
  return { model, method, losses, image, label };
}

/**
 * The training step of recipes/voc-animals/seam.yaml, MobileNetV2 at output stride 16, on noise and from random weights, since
 * neither changes time or memory.
 *
 * @param batch images
 * @param size of the images' width and height
 * @returns forward and all gradients
 */
export function mobilenetStep(batch: number, size: number): BenchCase {
  const run = (
    { model, method, losses, image, label }: Awaited<ReturnType<typeof makeInputs>>,
  ) => {
    const { gradients, values } = wholeGradients(model, method, losses, image, label, SEED);
    tf.dispose([gradients, values]);
  };
  return benchCase({
    name: `step of MobileNetV2 under SEAM, ${size}x${size}, batch ${batch}`,
    async inputs({ keep }) {
      const made = await makeInputs(batch, size);
      // Trainable parameters are variables, which tidy does not dispose.
      keep(made.image);
      keep(made.label);
      return made;
    },
    implementations: { tfjs: run, ours: run },
  });
}

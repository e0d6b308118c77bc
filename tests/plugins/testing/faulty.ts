import { definePlugin, type Loss, Rng, type TrainingPart } from "seamstress";
import * as tf from "@tensorflow/tfjs";
import * as z from "zod";

/** A loss of the CAM, as a plugin. */
export function lossOf(name: string, create: () => Omit<Loss, "needs">) {
  return definePlugin({
    kind: "loss",
    name,
    summary: "planted",
    options: z.strictObject({}),
    create: () => ({ needs: ["cam"], ...create() }),
  });
}

/** Mean square of the CAM. */
export const meanSquare = (views: readonly Readonly<Record<string, tf.Tensor>>[]) =>
  tf.mean<tf.Scalar>(tf.square(views[0]!["cam"]!));

/** A running mean of the CAM's size, which the loss is divided by. `count` says how many values it holds. */
const size: TrainingPart["params"] = [{
  name: "size",
  shape: [],
  layout: "vector",
  role: "buffer",
  trainable: false,
  pretrained: false,
  init: { kind: "ones" },
}];

/** State as it should be: gathered over micro-batches, assigned once a step. */
export const remembers = lossOf("remembers", () => ({
  params: size,
  compute({ views }, { params, gather }) {
    const [n] = views[0]!["cam"]!.shape;
    gather.sum("squares", tf.mul(n!, meanSquare(views)));
    return tf.div(meanSquare(views), params.get("size"));
  },
  afterStep({ squares }, { params }) {
    const old = params.get("size");
    old.assign(tf.add(tf.mul(0.5, old), tf.mul(0.125, squares!)));
  },
}));

/** The same, of the mean of each micro-batch. */
export const sumsMeans = lossOf("sums-means", () => ({
  params: size,
  compute({ views }, { params, gather }) {
    gather.sum("squares", meanSquare(views));
    return tf.div(meanSquare(views), params.get("size"));
  },
  afterStep({ squares }, { params }) {
    params.get("size").assign(squares!);
  },
}));

/** The same, with the mean that afterStep keeps in a variable of its closure. */
export const keepsInClosure = lossOf("keeps-in-closure", () => {
  let kept = 1;
  return {
    compute({ views }, { gather }) {
      gather.sum("squares", meanSquare(views));
      return tf.div(meanSquare(views), kept);
    },
    afterStep({ squares }) {
      kept = 0.5 * kept + squares!.dataSync()[0]!;
    },
  };
});

let calls = 0;
/** Weighs by how often it was called since its module was loaded. */
export const keepsInModule = lossOf("keeps-in-module", () => ({
  compute: ({ views }) => tf.mul(1 + calls++, meanSquare(views)),
}));

/** Draws for a sample by its row of the micro-batch. */
export const drawsByRow = lossOf("draws-by-row", () => ({
  compute({ views }) {
    const cam = views[0]!["cam"]!;
    const factors = Array.from({ length: cam.shape[0]! }, (_, i) => Rng.of(5, i).uniform(0, 1));
    return tf.mean<tf.Scalar>(
      tf.mul(tf.mean(tf.square(cam), [1, 2, 3]), tf.tensor1d(factors)),
    );
  },
}));

/** Draws from no stream. */
export const drawsFromNowhere = lossOf("draws-from-nowhere", () => ({
  compute: ({ views }) => tf.mul(Math.random(), meanSquare(views)),
}));

/** A sum, not a mean. */
export const sums = lossOf("sums", () => ({
  compute: ({ views }) => tf.sum<tf.Scalar>(tf.square(views[0]!["cam"]!)),
}));

/** The largest mean of a batch, as it says. */
export const ofBatch = lossOf("of-batch", () => ({
  statistics: "batch" as const,
  compute: ({ views }) => tf.max<tf.Scalar>(tf.mean(views[0]!["cam"]!, [1, 2, 3])),
}));

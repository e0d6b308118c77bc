/**
 * Contrast of pixels and prototypes that are remembered across steps, as a plugin of others would be written: against the entries alone.
 * A trained projection and a memory of prototypes are the method's state, which is what the test beside it is about.
 *
 * It is no published method. `plugins/ppc/` is the one of Du, Fu, Liu & Wang (CVPR 2022): there prototypes are each batch's own, so that
 * nothing has to be remembered, pixels and prototypes are mined, and the projection is part of the head.
 */
import {
  definePlugin,
  type Head,
  type Loss,
  type LossInput,
  type Method,
  type Outputs,
  type ParamSpec,
  pluginOption,
  userError,
} from "seamstress";
import { conv2d, resizeBilinear, withoutGradient } from "seamstress/ops";
import { maxNorm, provided } from "seamstress/wsss";
import * as tf from "@tensorflow/tfjs";
import * as z from "zod";

const TEMPERATURE = 0.1;
const EPSILON = 1e-5;

/** Another head's outputs, and the last tap. */
export const tapHead = definePlugin({
  kind: "head",
  name: "with-tap",
  summary: "another head's outputs, and the last tap as output feature",
  options: z.strictObject({ inner: pluginOption("head").describe("the head") }),
  async create({ inner }, args, factory): Promise<Head> {
    const head = await factory.create("head", inner, args);
    const tap = args.taps.at(-1)!.name;
    return {
      ...head,
      outputs: [...head.outputs, "feature"],
      forward: (taps, image, params, context) => ({
        ...head.forward(taps, image, params, context),
        feature: taps[tap]!,
      }),
    };
  },
});

/** `[N,side,side,K]` in 0..1: normalised maps of the classes that an image shows, the background a constant. */
function scoresOf(outputs: Outputs, label: tf.Tensor2D, side: number, background: number) {
  const scaled = maxNorm(resizeBilinear(outputs["cam"]!, [side, side], true));
  const [n, h, w, k] = scaled.shape;
  const present = tf.reshape(label, [n, 1, 1, k - 1]);
  const classes = tf.mul<tf.Tensor4D>(tf.slice(scaled, [0, 0, 0, 1]), present);
  return tf.concat<tf.Tensor4D>([tf.fill([n, h, w, 1], background), classes], 3);
}

/** A two-view method, with pixels projected for comparison and prototypes that follow the batches. */
export const memoryMethod = definePlugin({
  kind: "method",
  name: "prototype-memory",
  summary: "a two-view method, and prototypes of classes that follow the batches",
  options: z.strictObject({
    inner: pluginOption("method").describe("the two-view method"),
    channels: z.int().min(1).default(16).describe("channels of the projection"),
    side: z.int().min(2).default(8).describe("side of the maps that are compared"),
    background: z.number().min(0).max(1).default(0.3).describe("score of the background"),
    momentum: z.number().min(0).lt(1).default(0.9).describe("part of the prototypes that stays"),
  }),
  async create({ inner, channels, side, background, momentum }, args, factory): Promise<Method> {
    if (args === undefined) {
      throw userError(new TypeError("Method prototype-memory works in a training alone"));
    }
    const method = await factory.create("method", inner, args);
    const tap = args.taps.at(-1)!;
    const own: readonly ParamSpec[] = [
      {
        name: "projection.weight",
        shape: [1, 1, tap.channels, channels],
        layout: "conv",
        role: "weight",
        trainable: true,
        pretrained: false,
        init: { kind: "xavier-uniform", gain: 1 },
      },
      {
        name: "prototypes",
        shape: [1 + args.classes, channels],
        layout: "vector",
        role: "buffer",
        trainable: false,
        pretrained: false,
        init: { kind: "zeros" },
      },
    ];
    return {
      ...method,
      params: [...method.params ?? [], ...own],
      provides: [...method.provides, "pixels", "pseudo", "prototypes"],
      needs: [...method.needs, "cam", "feature"],
      step(batch, context) {
        const input = method.step(batch, context);
        const label = input.targets["label"] as tf.Tensor2D;
        const weight = context.params.get("projection.weight") as tf.Tensor as tf.Tensor4D;
        const views = input.views.map((outputs) => {
          const projected = tf.relu(conv2d(outputs["feature"]!, weight, { pad: 0 }));
          const rows = tf.reshape<tf.Rank.R2>(
            resizeBilinear(projected, [side, side], true),
            [-1, channels],
          );
          const pixels = tf.div<tf.Tensor2D>(rows, tf.add(tf.norm(rows, 2, 1, true), EPSILON));
          const scores = withoutGradient(() => scoresOf(outputs, label, side, background));
          const flat = tf.reshape<tf.Rank.R2>(scores, [-1, 1 + args.classes]);
          const pseudo = tf.argMax(flat, 1) as tf.Tensor1D;
          return { pixels, sure: tf.mul(flat, oneHot(pseudo, 1 + args.classes)), pseudo };
        });
        // Pixels count by how sure a class is of them.
        const sums = views.map(({ pixels, sure }) => tf.matMul(sure, pixels, true, false));
        context.gather.sum("pixels", tf.addN(sums));
        context.gather.sum("weights", tf.addN(views.map(({ sure }) => tf.sum(sure, 0))));
        return {
          ...input,
          provided: {
            ...input.provided,
            pixels: tf.stack(views.map(({ pixels }) => pixels)),
            pseudo: tf.stack(views.map(({ pseudo }) => pseudo)),
            prototypes: context.params.get("prototypes"),
          },
        };
      },
      afterStep(gathered, training) {
        method.afterStep?.(gathered, training);
        const memory = training.params.get("prototypes");
        const weights = tf.expandDims(gathered["weights"]!, 1);
        const found = tf.div(gathered["pixels"]!, tf.add(weights, EPSILON));
        const empty = tf.cast(tf.less(tf.sum(tf.abs(memory), 1, true), EPSILON), "float32");
        const seen = tf.cast(tf.greater(weights, EPSILON), "float32");
        const share = tf.mul(seen, tf.maximum(empty, 1 - momentum));
        memory.assign(tf.add(tf.mul(found, share), tf.mul(memory, tf.sub(1, share))));
      },
    };
  },
});

function oneHot(indices: tf.Tensor1D, depth: number): tf.Tensor2D {
  return tf.cast<tf.Tensor2D>(tf.oneHot(indices, depth) as tf.Tensor2D, "float32");
}

/** −log softmax of a pixel's own prototype, averaged over pixels. */
function contrast(pixels: tf.Tensor2D, prototypes: tf.Tensor2D, pseudo: tf.Tensor1D): tf.Scalar {
  const logits = tf.div<tf.Tensor2D>(tf.matMul(pixels, prototypes, false, true), TEMPERATURE);
  const own = tf.sum(tf.mul(logits, oneHot(pseudo, prototypes.shape[0])), 1);
  return tf.mean(tf.sub(tf.logSumExp(logits, 1), own));
}

/** Pixels are drawn to the prototype of the class that their view, or the other, shows there. */
export const memoryLoss = definePlugin({
  kind: "loss",
  name: "prototype-memory",
  summary: "pixel-to-prototype contrast: within a view, and across views",
  options: z.strictObject({}),
  create: (): Loss => ({
    needs: ["pixels", "pseudo", "prototypes"],
    compute: (input: LossInput) =>
      tf.tidy(() => {
        const prototypes = provided(input, "prototypes") as tf.Tensor2D;
        const pixels = tf.unstack(provided(input, "pixels")) as tf.Tensor2D[];
        const pseudo = tf.unstack(provided(input, "pseudo")) as tf.Tensor1D[];
        const terms = pixels.flatMap((own, v) => [
          contrast(own, prototypes, pseudo[v]!),
          contrast(own, prototypes, pseudo[1 - v]!),
        ]);
        return tf.div<tf.Scalar>(tf.addN(terms), terms.length);
      }),
  }),
});

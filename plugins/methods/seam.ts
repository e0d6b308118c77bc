import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import {
  definePlugin,
  type ForwardContext,
  type Method,
  type Outputs,
  pluginOption,
} from "seamstress";
import { runInBlock, withoutGradient } from "seamstress/ops";
import { maxNorm, output } from "seamstress/wsss";

/** Outputs that hold a map of each class and so can be compared between views. */
const MAPS = ["cam", "cam_rv"] as const;

/**
 * Normalises the class maps that a head gave, transforms them and clears absent classes; the rest are left out. At the image's size
 * these maps take more memory than a block of the backbone, hence as a block: see `recompute`.
 */
function comparable(
  outputs: Outputs,
  context: ForwardContext,
  present: tf.Tensor4D,
  transform: (cam: tf.Tensor4D) => tf.Tensor4D,
): Outputs {
  const entries = MAPS.flatMap((name) => {
    const cam = outputs[name];
    if (cam === undefined) return [];
    const map = runInBlock(
      context,
      ([cam, present]) => tf.tidy(() => tf.mul<tf.Tensor4D>(transform(maxNorm(cam!)), present!)),
      { inputs: [cam], constants: [present], params: [] },
    );
    return [[name, map] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * SEAM's siamese step (Wang et al., CVPR 2020, section 3; author code `train_SEAM.py`): the network sees the image and A(image);
 * the CAMs of the first, normalised and transformed by the same A, may be compared with the normalised CAMs of the second.
 * Classes that the image does not show are 0 in both.
 */
export const seamMethod = definePlugin({
  kind: "method",
  name: "seam",
  summary: "siamese: two views of each image and their CAMs, aligned for comparison",
  options: z.strictObject({
    view: pluginOption("view").default({ use: "rescale" }).describe(
      "the equivariant transformation A between the views",
    ),
    outputs: z.array(z.string().min(1)).default([]).describe(
      "further outputs of the head that the pair has, as they are: the first view's transformed by A; losses need them as pair.NAME",
    ),
  }),
  async create({ view, outputs }, _args, factory): Promise<Method> {
    const drawing = await factory.create("view", view, undefined);
    return {
      provides: ["pair", "view", ...outputs.map((name) => `pair.${name}`)],
      needs: ["cam", ...outputs],
      step({ image, targets }, { model, rng, context }) {
        const drawn = drawing.draw(rng.child("view"));
        const [first, second] = [context(0), context(1)];
        const before = model.forward(image, first);
        const after = model.forward(withoutGradient(() => drawn.apply(image)), second);
        const label = targets["label"]! as tf.Tensor2D;
        const [samples, classes] = label.shape;
        const present = tf.reshape<tf.Rank.R4>(
          tf.concat([tf.ones<tf.Rank.R2>([samples, 1]), label], 1),
          [samples, 1, 1, 1 + classes],
        );
        const further = (from: Outputs, transform: (map: tf.Tensor4D) => tf.Tensor4D) =>
          Object.fromEntries(outputs.map((name) => [name, transform(output(from, name))]));
        const moved = (map: tf.Tensor4D) => drawn.apply(map);
        const kept = (map: tf.Tensor4D) => map;
        return {
          targets,
          views: [before, after],
          view: drawn,
          pair: {
            first: { ...comparable(before, first, present, moved), ...further(before, moved) },
            second: { ...comparable(after, second, present, kept), ...further(after, kept) },
          },
        };
      },
    };
  },
});

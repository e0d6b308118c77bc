import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Loss } from "seamstress";
import { absoluteDifference, foreground, output } from "seamstress/wsss";

/**
 * Puzzle-CAM's reconstruction (Jo & Yu, ICIP 2021, eq. 5): mean |maps of the image − maps of its tiles| over samples, pixels and
 * all classes, those that the image does not have counting 0. Author code: `train_classification_with_puzzle.py`, `re_loss`, with
 * `--level feature --re_loss L1_Loss --re_loss_option masking`.
 */
export const puzzleCamLoss = definePlugin({
  kind: "loss",
  name: "puzzle-cam",
  summary: "reconstruction: maps of the image against those of its tiles",
  options: z.strictObject({
    output: z.string().min(1).default("cam_tap").describe("the head's maps that are compared"),
    classes: z.enum(["present", "all"]).default("present").describe(
      "present: maps of classes that the image does not have count 0 (masking); all: they are compared too (none)",
    ),
  }),
  create: ({ output: name, classes: which }): Loss => ({
    needs: ["tiles", name],
    compute: ({ views, targets }) =>
      tf.tidy(() => {
        const [whole, tiles] = views.map((view) => foreground(output(view, name)));
        const difference = absoluteDifference(whole!, tiles!);
        if (which === "all") return tf.mean(difference).asScalar();
        const label = targets["label"]! as tf.Tensor2D;
        const [samples, classes] = label.shape;
        const present = tf.reshape(label, [samples, 1, 1, classes]);
        return tf.mean(tf.mul(difference, present)).asScalar();
      }),
  }),
});

import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type View } from "seamstress";

/** Flips horizontally, a whole batch or none of it. */
export const flipView = definePlugin({
  kind: "view",
  name: "flip",
  summary: "mirrors left and right",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.5).describe("how often; 1 for always"),
  }),
  create({ probability }): View {
    return {
      draw(rng) {
        const mirrored = rng.float() < probability;
        return { apply: (x) => mirrored ? tf.reverse(x, 2) : tf.clone(x) };
      },
    };
  },
});

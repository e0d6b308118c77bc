import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, pluginOption, type View } from "seamstress";

/** Views one after the other, each drawing from a stream of its own. */
export const composeView = definePlugin({
  kind: "view",
  name: "compose",
  summary: "several views, one after the other",
  options: z.strictObject({
    of: z.array(pluginOption("view")).min(1).describe("the views, the first applied first"),
  }),
  async create({ of }, _args, factory): Promise<View> {
    const views = await Promise.all(of.map((view) => factory.create("view", view, undefined)));
    return {
      draw(rng) {
        const drawn = views.map((view, i) => view.draw(rng.child("compose", i)));
        return {
          apply: (x) => tf.tidy(() => drawn.reduce((image, view) => view.apply(image), x)),
        };
      },
    };
  },
});

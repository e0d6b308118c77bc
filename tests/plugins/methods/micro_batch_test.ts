import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { eachBackend } from "../../backends.ts";
import { TINY_SEAM } from "../heads/setup.ts";
import { assertNear } from "../losses/numeric.ts";
import { accumulate, makeLosses, makeMethod, makeModel } from "./setup.ts";

/** A plugin's name and options. */
type Choice = readonly [string, Readonly<Record<string, unknown>>];

/** What a recipe chooses. */
const RECIPES: Readonly<
  Record<string, { head: Choice; method: Choice; losses: readonly string[] }>
> = {
  baseline: { head: ["cam", {}], method: ["classification-cam", {}], losses: ["classification"] },
  "with ER": {
    head: ["cam", {}],
    method: ["seam", { view: { use: "rescale", scale: 0.5 } }],
    losses: ["classification", "er"],
  },
  SEAM: {
    head: ["seam", TINY_SEAM],
    method: ["seam", {
      view: { use: "compose", of: [{ use: "rescale", scale: 0.6 }, { use: "rotate" }] },
    }],
    losses: ["classification", "min-pooling", "er", "ecr"],
  },
};

for (const [name, { head, method, losses }] of Object.entries(RECIPES)) {
  eachBackend(`${name}: 8x1 and 4x2 and 1x8 samples give the same gradients`, async () => {
    const model = await makeModel(...head);
    const made = await makeMethod(...method);
    const weighted = await makeLosses(losses);
    const whole = await accumulate(model, made, weighted, 8);
    const before = tf.memory().numTensors;
    for (const size of [2, 1]) {
      const parts = await accumulate(model, made, weighted, size);
      assertNear(parts.losses, whole.losses, 1e-6, `losses by ${size}`);
      assertEquals([...parts.gradients.keys()], [...whole.gradients.keys()]);
      for (const [parameter, gradient] of parts.gradients) {
        assertNear(gradient, whole.gradients.get(parameter)!, 1e-4, `${parameter} by ${size}`);
      }
    }
    assertEquals(tf.memory().numTensors, before, "tensors were left behind");
    model.params.dispose();
  });
}

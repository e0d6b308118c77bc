import { assert } from "@std/assert";
import { checkMicroBatches } from "seamstress/testing";
import { presentBackends } from "../../backends.ts";
import { TINY_SEAM } from "../heads/setup.ts";

/** What a recipe chooses. */
const TRAININGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  baseline: { head: "cam" },
  "with ER": {
    head: "cam",
    method: { use: "seam", view: { use: "rescale", scale: 0.5 } },
    losses: ["classification", "er"],
  },
  SEAM: {
    head: { use: "seam", ...TINY_SEAM },
    method: {
      use: "seam",
      view: { use: "compose", of: [{ use: "rescale", scale: 0.6 }, { use: "rotate" }] },
    },
    losses: ["classification", "min-pooling", "er", "ecr"],
  },
};

for (const backend of presentBackends) {
  for (const [name, train] of Object.entries(TRAININGS)) {
    Deno.test({
      name: `${name}: 4, 3 + 1 and four times 1 sample give the same gradients [${backend}]`,
      // The device outlives the test, and so do its pending operations.
      sanitizeOps: backend !== "webgpu",
      sanitizeResources: backend !== "webgpu",
      fn: async () => {
        const recipe = { backend, dataset: { use: "mini", size: 16 } };
        const { compared } = await checkMicroBatches({ recipe, train, steps: 1 });
        assert(compared.includes("gradient of fc8.weight in step 1"), compared.join());
      },
    });
  }
}

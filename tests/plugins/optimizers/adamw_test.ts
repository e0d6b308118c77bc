import { eachBackend } from "../../backends.ts";
import { assertParams, makeParams, registry, settings, update } from "./problem.ts";

// Expected numbers: torch.optim.AdamW (PyTorch 1.13, float64), four steps with the gradients of problem.ts.

const use = { use: "adamw", beta1: 0.8, beta2: 0.95, epsilon: 1e-6, ...settings };

for (const skip of [[], [0, 2]]) {
  eachBackend(
    `adamw gives PyTorch's numbers, ${skip.length} steps without a gradient of b`,
    async () => {
      const params = makeParams();
      const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
      update(optimizer, 0, 4, skip);
      await assertParams(
        params,
        [0.6399699618264295, -1.145036821929055, 1.753469659835426],
        skip.length === 0
          ? [0.3974646827722619, -0.18626744488683675]
          : [0.9627304041262346, -0.6313832065289271],
      );
      optimizer.dispose();
      params.dispose();
    },
  );
}

import * as tf from "@tensorflow/tfjs";
import { compare } from "../deno/compare.ts";
import { makeProblem, type Problem, type Size } from "./problem.ts";
import { type BackendName, openSides, type Side } from "./sides.ts";

/** What each backend can do within a minute. */
const SIZES = {
  cpu: [{ width: 16, crop: 96, batch: 1, micro: 1 }],
  gpu: [16, 64].map((width) => ({ width, crop: 448, batch: 1, micro: 1 })),
} as const;

/**
 * Registers whole training steps of SEAM on ResNet38 with `deno bench`: forward, backward and update.
 *
 * @param name of the backend
 */
export async function compareSteps(name: BackendName): Promise<void> {
  const { info, present, swapIn } = await openSides(name);
  const onGpu = info.name === "webgpu" && !info.software;
  let made: { readonly size: Size; readonly problem: Problem } | undefined;
  // One at a time is held: 105 million parameters at full width.
  const problemOf = async (size: Size) => {
    if (made?.size !== size) {
      tf.disposeVariables();
      made = { size, problem: await makeProblem(size) };
    }
    return made.problem;
  };
  for (const size of SIZES[onGpu ? "gpu" : "cpu"]) {
    const { width, crop, batch } = size;
    const run = (side: Side) => async () => {
      await (await problemOf(size)).step(0, side === "recompute");
    };
    compare(
      {
        name: `step of ResNet38 width ${width}, ${crop}x${crop}, batch ${batch} on ${name}`,
        sides: Object.fromEntries(present.map((side) => [side, run(side)])),
      },
      {
        async ready(side) {
          await problemOf(size);
          swapIn(side as Side);
        },
        settle: () => info.check(),
      },
      1,
    );
  }
}

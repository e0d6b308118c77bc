import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { isUserError } from "../../../core/errors.ts";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { trainingPass } from "../heads/setup.ts";
import { makeMethod, makeModel } from "./setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const OPTIONS = { channels: 5, dilation: 2 };

eachBackend("segmentation gives the head's scores and the masks", async () => {
  const model = await makeModel("deeplabv1", OPTIONS);
  const method = await makeMethod("segmentation");
  assertEquals([method.targets, method.needs], [["mask"], ["segmentation"]]);
  const image = tf.zeros<tf.Rank.R4>([2, 9, 13, 3]);
  const mask = tf.fill([2, 9, 13], 3, "int32");
  const { views, targets } = method.step(
    { image, targets: { mask } },
    { ...FIRST_STEP, model, rng: Rng.of(0), context: trainingPass },
  );
  assertEquals(targets["mask"], mask);
  assertEquals(views.map(({ segmentation }) => segmentation!.shape), [[2, 9, 13, 4]]);
  tf.dispose([image, mask, ...views]);
  model.params.dispose();
});

Deno.test("segmentation refuses a batch without masks", async () => {
  await tf.setBackend("cpu");
  const model = await makeModel("deeplabv1", OPTIONS);
  const method = await makeMethod("segmentation");
  const image = tf.zeros<tf.Rank.R4>([1, 9, 13, 3]);
  const error = assertThrows(
    () =>
      method.step({ image, targets: {} }, {
        ...FIRST_STEP,
        model,
        rng: Rng.of(0),
        context: trainingPass,
      }),
    TypeError,
    "Cannot learn segmentation without masks",
  );
  assert(isUserError(error));
  image.dispose();
  model.params.dispose();
});

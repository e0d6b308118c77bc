import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { makeView, rowsOf } from "./setup.ts";

eachBackend("flip mirrors left and right", async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
  const y = (await makeView("flip", { probability: 1 })).draw(Rng.of(0)).apply(x);
  assertEquals(await rowsOf(y), [[3, 2, 1], [6, 5, 4]]);
});

eachBackend("flip mirrors as often as it is told, whole batches at a time", async () => {
  const view = await makeView("flip", { probability: 0.25 });
  const x = tf.tensor4d([1, 2, 1, 2], [2, 1, 2, 1]);
  let mirrored = 0;
  for (let step = 0; step < 400; step++) {
    const y = view.draw(Rng.of(1, step)).apply(x);
    const data = await y.data();
    y.dispose();
    assertEquals(data[0], data[2]);
    if (data[0] === 2) mirrored++;
  }
  assertEquals(mirrored > 70 && mirrored < 130, true, `${mirrored} of 400`);
});

import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { translate } from "../../../plugins/views/translate.ts";
import { eachBackend } from "../../backends.ts";
import { makeView, rowsOf } from "./setup.ts";

eachBackend("translate moves whole pixels and fills with zeros", async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
  assertEquals(await rowsOf(translate(x, 1, -1)), [[0, 0, 0], [2, 3, 0]]);
  assertEquals(await rowsOf(translate(x, -1, 2)), [[0, 0, 4], [0, 0, 0]]);
  assertEquals(await rowsOf(translate(x, 0, 0)), [[1, 2, 3], [4, 5, 6]]);
});

eachBackend("translate draws every shift within its bound", async () => {
  const view = await makeView("translate", { pixels: 1 });
  const x = tf.tensor4d(Float32Array.from({ length: 9 }, (_, i) => Number(i === 4)), [1, 3, 3, 1]);
  const seen = new Set<number>();
  for (let step = 0; step < 100; step++) {
    const y = view.draw(Rng.of(4, step)).apply(x);
    seen.add((await y.data()).indexOf(1));
    y.dispose();
  }
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

eachBackend("translate refuses images that it could empty", async () => {
  const drawn = (await makeView("translate")).draw(Rng.of(0));
  assertThrows(
    () => drawn.apply(tf.zeros([1, 64, 15, 1])),
    RangeError,
    "Cannot translate 64x15 by up to 15 pixels",
  );
});

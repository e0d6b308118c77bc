import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { isUserError } from "../../../core/errors.ts";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { makeView, randomTensor, rowsOf } from "./setup.ts";

eachBackend("rescale floors the size and keeps the corners", async () => {
  const x = randomTensor("x", [1, 7, 11, 1]);
  const y = (await makeView("rescale", { scale: 0.3 })).draw(Rng.of(0)).apply(x);
  assertEquals(y.shape, [1, 2, 3, 1]);
  const from = await rowsOf(x), to = await rowsOf(y);
  assertAlmostEquals(to[0]![0]!, from[0]![0]!, 1e-6);
  assertAlmostEquals(to[1]![2]!, from[6]![10]!, 1e-6);
  assertAlmostEquals(to[0]![1]!, from[0]![5]!, 1e-6);
});

eachBackend("rescale by 1 changes nothing", async () => {
  const x = randomTensor("x", [2, 3, 5, 2]);
  const y = (await makeView("rescale", { scale: 1 })).draw(Rng.of(0)).apply(x);
  assertEquals(await y.data(), await x.data());
});

eachBackend("rescale refuses to leave nothing", async () => {
  const drawn = (await makeView("rescale")).draw(Rng.of(0));
  const error = assertThrows(
    () => drawn.apply(tf.zeros([1, 3, 64, 1])),
    RangeError,
    "Cannot rescale 3x64 by 0.3",
  );
  assertEquals(isUserError(error), true);
});

import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { makeView, randomTensor } from "./setup.ts";

/** Every view, with options that change something for the streams below. */
const VIEWS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  rescale: { scale: 0.6 },
  flip: { probability: 1 },
  rotate: { degrees: 35 },
  translate: { pixels: 3 },
  compose: { of: [{ use: "rescale", scale: 1.4 }, "flip", { use: "rotate", degrees: 20 }] },
};

for (const [use, options] of Object.entries(VIEWS)) {
  eachBackend(`${use} moves images and CAMs alike`, async () => {
    const drawn = (await makeView(use, options)).draw(Rng.of(5, use));
    const image = randomTensor("image", [2, 9, 13, 3]), cam = randomTensor("cam", [2, 9, 13, 5]);
    const together = drawn.apply(tf.concat([image, cam], 3));
    const apart = tf.concat([drawn.apply(image), drawn.apply(cam)], 3);
    assertEquals(together.shape, apart.shape);
    assert(!(await tf.equal(apart, 0).all().data())[0], "the view gives zeros only");
    // Not to the last bit: a matrix product's order of summation may depend on its size.
    const difference = await tf.max(tf.abs(tf.sub(together, apart))).data();
    assert(difference[0]! < 1e-6, `differ by ${difference[0]}`);
  });

  eachBackend(`${use} draws the same from the same stream`, async () => {
    const view = await makeView(use, options);
    const x = randomTensor("x", [1, 9, 13, 2]);
    const [a, b] = [view.draw(Rng.of(7)).apply(x), view.draw(Rng.of(7)).apply(x)];
    assertEquals(await a.data(), await b.data());
  });

  eachBackend(`${use} has its exact adjoint for a gradient`, async () => {
    const drawn = (await makeView(use, options)).draw(Rng.of(5, use));
    const x = randomTensor("x", [2, 9, 13, 3]);
    const before = tf.memory().numTensors;
    const y = drawn.apply(x);
    const weights = randomTensor("weights", y.shape);
    const slope = tf.grad((x) => drawn.apply(x as tf.Tensor4D).mul(weights).sum())(x);
    assertEquals(slope.shape, x.shape);
    // A linear map and its adjoint: ⟨A x, w⟩ = ⟨x, Aᵀ w⟩.
    const forward = tf.tidy(() => y.mul(weights).sum());
    const backward = tf.tidy(() => x.mul(slope).sum());
    const [a, b] = [(await forward.data())[0]!, (await backward.data())[0]!];
    assert(Math.abs(a - b) < 2e-5, `${a} is not ${b}`);
    tf.dispose([y, weights, slope, forward, backward]);
    assertEquals(tf.memory().numTensors, before, "tensors were left behind");
  });
}

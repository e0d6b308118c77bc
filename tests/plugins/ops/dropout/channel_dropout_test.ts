import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { channelDropout } from "../../../../plugins/ops/dropout/channel_dropout.ts";
import { type ForwardContext, inference } from "../../../../core/contracts/forward_context.ts";
import { Rng } from "../../../../core/rng.ts";
import { eachBackend } from "../../../backends.ts";

/** A training pass whose first sample is number `first` of the whole batch. */
function training(first: number): ForwardContext {
  return {
    training: true,
    rng: (sample, purpose) => Rng.of(1, "pass", first + sample, purpose),
  };
}

/** Per sample and channel: the value that all its pixels have, or NaN where they differ. */
async function channels(x: tf.Tensor4D): Promise<number[][]> {
  const [n, h, w, c] = x.shape;
  const data = await x.data();
  return Array.from({ length: n }, (_, b) =>
    Array.from({ length: c }, (_, k) => {
      const first = data[b * h * w * c + k]!;
      for (let p = 1; p < h * w; p++) if (data[(b * h * w + p) * c + k] !== first) return NaN;
      return first;
    }));
}

eachBackend("channelDropout() drops whole channels and scales the others", async () => {
  const x = tf.ones([3, 3, 5, 200]) as tf.Tensor4D;
  const kept = await channels(channelDropout(x, 0.3, training(0), "a"));
  for (const row of kept) {
    const scaled = row.filter((v) => Math.abs(v - 1 / 0.7) < 1e-6).length;
    assertEquals(scaled + row.filter((v) => v === 0).length, 200);
    // Five standard deviations of a binomial.
    assert(Math.abs(scaled - 140) < 33, `${scaled} of 200 channels kept at rate 0.3`);
  }
  assertNotEquals(kept[0], kept[1]);
});

eachBackend("channelDropout() draws a sample's mask whatever its micro-batch", async () => {
  const x = tf.ones([4, 2, 3, 21]) as tf.Tensor4D;
  const whole = await channels(channelDropout(x, 0.5, training(0), "a"));
  const second = await channels(
    channelDropout(tf.slice(x, [2, 0, 0, 0], [2, 2, 3, 21]), 0.5, training(2), "a"),
  );
  assertEquals(second, whole.slice(2));
  assertNotEquals(await channels(channelDropout(x, 0.5, training(0), "b")), whole);
});

eachBackend("channelDropout() passes the gradient of kept channels only", async () => {
  const x = tf.ones([1, 2, 2, 16]) as tf.Tensor4D;
  const dropped = channelDropout(x, 0.5, training(0), "a");
  const gradient = tf.grad((x) => channelDropout(x as tf.Tensor4D, 0.5, training(0), "a"))(x);
  assertEquals(await gradient.data(), await dropped.data());
});

Deno.test("channelDropout() is the identity in inference and at rate 0", () => {
  const x = tf.ones([1, 1, 1, 2]) as tf.Tensor4D;
  assertEquals(channelDropout(x, 0.5, inference, "a"), x);
  assertEquals(channelDropout(x, 0, training(0), "a"), x);
});

Deno.test("channelDropout() refuses a rate outside 0 .. 1", () => {
  const x = tf.ones([1, 1, 1, 2]) as tf.Tensor4D;
  for (const rate of [-0.1, 1, NaN]) {
    assertThrows(() => channelDropout(x, rate, training(0), "a"), RangeError, `at rate ${rate}`);
  }
});

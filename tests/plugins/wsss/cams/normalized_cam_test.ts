import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { normalizedCam } from "../../../../plugins/wsss/cams/normalized_cam.ts";
import { eachBackend } from "../../../backends.ts";
import { assertNear, build, plane, randomMaps } from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";

const EPSILON = 1e-5;

eachBackend(
  "normalizedCam keeps each pixel's strongest class and fills the background",
  async () => {
    const cam = randomMaps("cam", [2, 5, 3, 5], [-0.5, 2]);
    const scaled = build(cam.shape, (n, pixel, c) => {
      const values = plane(cam, n, c).map((value) => Math.max(value, 0));
      return Math.max(values[pixel]! - EPSILON, 0) / (Math.max(...values) + EPSILON);
    });
    const wanted = build(cam.shape, (n, pixel, c) => {
      const start = (n * 15 + pixel) * 5;
      const best = Math.max(...scaled.data.subarray(start + 1, start + 5));
      if (c === 0) return 1 - best;
      return scaled.data[start + c] === best ? best : 0;
    });
    const x = tensorOf(cam);
    const before = tf.memory().numTensors;
    const y = normalizedCam(x);
    assertNear(await y.data<"float32">(), wanted.data, 1e-6, "normalizedCam");
    y.dispose();
    assertEquals(tf.memory().numTensors, before);
  },
);

eachBackend("normalizedCam keeps tied classes, and is all background without scores", async () => {
  const tied = tf.tensor4d([0, 2, 2, 0, 1, 0], [1, 1, 2, 3]);
  const [background, a, b] = (await normalizedCam(tied).data()).slice(0, 3);
  assertEquals(a, b);
  assertEquals(background! < 1e-4, true);
  const none = tf.tensor4d([5, -1, -2], [1, 1, 1, 3]);
  assertEquals([...await normalizedCam(none).data()], [1, 0, 0]);
});

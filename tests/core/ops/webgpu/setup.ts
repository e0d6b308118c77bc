import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { backends, presentBackends } from "../../../backends.ts";

/**
 * Registers a test on WebGPU, which the device outlives. It fails where the device reports an error, or a tensor is left behind.
 *
 * @param name a sentence
 * @param fn the test
 */
export function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !presentBackends.includes("webgpu"),
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const info = await backends.webgpu.prepare();
      const { numTensors } = tf.memory();
      const dataIds = tf.backend().numDataIds();
      await fn();
      await info.check();
      assertEquals(tf.memory().numTensors, numTensors);
      assertEquals(tf.backend().numDataIds(), dataIds, "a part was left behind");
    },
  });
}

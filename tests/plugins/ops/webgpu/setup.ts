import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { backends, presentBackends } from "../../../backends.ts";
import type { Reference } from "../reference.ts";

/**
 * @param array of a reference
 * @returns a float32 tensor with its values
 */
export function upload<T extends tf.Tensor>({ shape, data }: Reference): T {
  return tf.tensor(Float32Array.from(data), [...shape]) as T;
}

/**
 * Reads what a kernel gave, and frees it.
 *
 * @param info of a tensor that no one else holds
 * @returns its values
 */
export async function readInfo(info: tf.TensorInfo): Promise<tf.TypedArray> {
  const tensor = tf.engine().makeTensorFromTensorInfo(info);
  const values = await tensor.data();
  tensor.dispose();
  return values;
}

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

import type { Op } from "../../core/contracts/op.ts";
import type { BackendName } from "./define/spec.ts";
import { ops as shipped } from "./list.ts";
import { installFixes } from "./tfjs_faults/mod.ts";

/**
 * Fixes tfjs's faults on one backend, and registers the kernels of operations. Does nothing the second time. The backend's package
 * must have been imported; it need not be started yet.
 *
 * @param backendName the tfjs backend
 * @param ops operations; those that ship where left out
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { installOps } from "seamstress/ops";
 * installOps("cpu");
 * await tf.setBackend("cpu");
 * const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
 * const slope = tf.grad((x) => tf.conv2d(x as tf.Tensor4D, filter, 1, "same", "NHWC", 2));
 * assertEquals(slope(tf.ones([1, 5, 5, 1])).shape, [1, 5, 5, 1]);
 * ```
 */
export function installOps(backendName: BackendName, ops: readonly Op[] = shipped): void {
  // Operations may replace what was put right.
  installFixes(backendName);
  for (const op of ops) op.install(backendName);
}

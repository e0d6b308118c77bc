import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import { ops } from "../../plugins/ops/list.ts";
import { selectLargestOp } from "../../plugins/ops/select_largest/select_largest.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import { webgpuBackend } from "../../plugins/backends/webgpu.ts";

/**
 * What computes: tfjs as it comes; tfjs with our ops composed of its kernels, which is what runs where we have no kernel; our
 * kernels.
 */
export type Side = "stock" | "composed" | "ours";

/** Kernels that only this project has; what calls them composes their results without. */
const OWN = ops.filter((op) => !op.replacesTfjs && op !== selectLargestOp).map(({ kernel }) =>
  kernel
);
const MATMUL_FLAG = "WEBGPU_MATMUL_PROGRAM_TYPE";

const noFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("webgpu names no other plugins")),
};
const stock = tf.getKernelsForBackend("webgpu");
const stockMatMul = tf.env().getNumber(MATMUL_FLAG);

/** The device that all of this runs on. */
export const device = await (await webgpuBackend.create(
  { powerPreference: "high-performance" },
  undefined,
  noFactory,
)).prepare(ops);

const ours = tf.getKernelsForBackend("webgpu");
const ourMatMul = tf.env().getNumber(MATMUL_FLAG);
const composed = ours.filter(({ kernelName }) => !OWN.includes(kernelName))
  .map((kernel) =>
    ["Conv2D", "DepthwiseConv2dNative"].includes(kernel.kernelName)
      ? stock.find(({ kernelName }) => kernelName === kernel.kernelName)!
      : kernel
  );

/**
 * Registers one side's kernels, all of them.
 *
 * @param side whose
 */
export function swapIn(side: Side): void {
  for (const { kernelName } of tf.getKernelsForBackend("webgpu")) {
    tf.unregisterKernel(kernelName, "webgpu");
  }
  ({ stock, composed, ours })[side].forEach((kernel) => tf.registerKernel(kernel));
  tf.env().set(MATMUL_FLAG, side === "stock" ? stockMatMul : ourMatMul);
}
